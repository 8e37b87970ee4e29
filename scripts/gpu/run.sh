#!/usr/bin/env bash
# Tries this project on a Linux x86-64 machine with an NVIDIA GPU, without network: see --help.
set -u

help='Usage: bash run.sh [--data DIR] [--minutes N] [--out DIR] [--software] [STEP …]

Runs what scripts/gpu/pack.mjs has packed, which lies beside this file or in .gpu/. Steps, all of them by default:
  conformance  every operation on the GPU against its definition in float64, in value and gradients
  agreement    logits of ResNet-20 and ResNet-50 on the GPU and on WebAssembly
  pytorch      images a second of both in PyTorch, in training and inference, if python3 has it; compiled where time allows
  bench        images a second of this project, beside those of PyTorch
  profile      where the time of a training step goes
  train        with --data: ResNet-20 on CIFAR-10 by the recipe of the paper; resumes the run of the last call

  --data DIR   the folder of CIFAR-10 in its binary version
  --minutes N  for all steps together, 10 by default; training gets what the others leave
  --out DIR    for logs, tables and the checkpoint: gpu-results by default, or $OUT
  --software   on SwiftShader of Debian'\''s Chromium, which plays a GPU, with small batches: to try this script'

out=${OUT:-gpu-results} data='' minutes=10 quick='' steps=()
while [ $# -gt 0 ]; do
  case $1 in
    --data) data=${2:?} && shift ;;
    --minutes) minutes=${2:?} && shift ;;
    --out) out=${2:?} && shift ;;
    --software) quick=--quick ;;
    conformance | agreement | pytorch | bench | profile | train) steps+=("$1") ;;
    --help) echo "$help" && exit 0 ;;
    *) echo "$help" >&2 && exit 2 ;;
  esac
  shift
done
[ ${#steps[@]} -gt 0 ] || steps=(conformance agreement pytorch bench profile train)

stop() {
  echo "$1" >&2
  exit 1
}

here=$(cd "$(dirname "$0")" && pwd)
pack=$here/pack.tar.xz
[ -f "$pack" ] || pack=$here/../../.gpu/pack.tar.xz
[ -f "$pack" ] || stop 'There is no .gpu/pack.tar.xz: run `node scripts/gpu/pack.mjs` on a machine with network first.'
[ "$(uname -sm)" = 'Linux x86_64' ] || stop "This is for Linux x86_64, not $(uname -sm)."
mkdir -p "$out" && out=$(cd "$out" && pwd) || stop "The folder $out can not be made."

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
if command -v xz >/dev/null; then
  tar -C "$work" -xJf "$pack"
else
  python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$pack" "$work"
fi || stop "$pack can not be unpacked: it takes xz, or python3."
export PATH=$work:$PATH:/usr/sbin:/sbin
chmod +x "$work/node"

add_libraries() {
  export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$1
}

# Lets a program find Vulkan, and Vulkan find the driver, also in a container that has only their files.
find_driver() {
  local file
  [ -d /usr/local/nvidia/lib64 ] && add_libraries /usr/local/nvidia/lib64
  ldconfig -p | grep -q 'libvulkan\.so\.1' || add_libraries "$work/lib"
  [ -n "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] && return
  for file in /etc/vulkan/icd.d/nvidia*.json /usr/share/vulkan/icd.d/nvidia*.json \
    /usr/local/nvidia/share/vulkan/icd.d/nvidia*.json; do
    [ -f "$file" ] && export VK_DRIVER_FILES=$file && return
  done
  file=$work/nvidia_icd.json
  echo '{"file_format_version": "1.0.0", "ICD": {"library_path": "libGLX_nvidia.so.0", "api_version": "1.3.0"}}' >"$file"
  export VK_DRIVER_FILES=$file
}

if [ -n "$quick" ]; then
  chromium=/usr/lib/chromium
  [ -f "$chromium/vk_swiftshader_icd.json" ] || stop "There is no $chromium/vk_swiftshader_icd.json: install Debian's chromium."
  export VK_ICD_FILENAMES=$chromium/vk_swiftshader_icd.json
  add_libraries "$chromium"
else
  command -v nvidia-smi >/dev/null && nvidia-smi -L | grep -q . ||
    stop 'nvidia-smi finds no GPU here. --software tries this script without one.'
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader | tee "$out/gpu.txt"
  find_driver
fi

failed=()
# Runs a program for so many seconds at most, with what it prints also in a file, and its messages in another: FILE SECONDS PROGRAM …
# A program that is stopped because the time is over has not failed.
log() {
  local file=$out/$1 left=$((60 * minutes - SECONDS)) seconds=$2
  shift 2
  [ "$seconds" -lt "$left" ] || seconds=$left
  if [ "$seconds" -lt 10 ]; then
    echo "== $(basename "${file%.*}"): NOT RUN, as the $minutes minutes are over"
    return
  fi
  echo "== $(date -u +%T) $(basename "${file%.*}"), $seconds s at most"
  timeout --signal=INT --kill-after=30 "$seconds" "$@" 2> >(tee "${file%.*}.log" >&2) | tee "$file"
  local status=${PIPESTATUS[0]}
  if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
    echo "Stopped after $seconds s."
  elif [ "$status" -ne 0 ]; then
    failed+=("$(basename "$file") ($status)")
  fi
}
bench=(node "$work/programs/bench.js")

log doctor.txt 60 node "$work/programs/resnet.js" doctor
grep -qE '^backend webgpu +works' "$out/doctor.txt" ||
  stop 'The webgpu backend does not work here: what doctor says above tells why. A container needs NVIDIA_DRIVER_CAPABILITIES=all.'
if [ -z "$quick" ] && grep -E '^backend webgpu' "$out/doctor.txt" | grep -q software; then
  stop 'WebGPU finds only a GPU in software: the driver has no Vulkan here.'
fi

for step in "${steps[@]}"; do
  case $step in
    conformance) log conformance.txt 120 env RESNET_BACKENDS=webgpu node "$work/programs/conformance.js" ;;
    agreement) log agreement.txt 120 "${bench[@]}" agreement ;;
    pytorch)
      if ! python3 -c 'import torch' 2>/dev/null; then
        echo 'python3 has no torch here: there is nothing to compare with.'
        continue
      fi
      log pytorch.jsonl 180 python3 "$work/measure_gpu.py" $quick
      ;;
    bench)
      peer=()
      [ -s "$out/pytorch.jsonl" ] && peer=(--peer "$out/pytorch.jsonl")
      log bench.md 150 "${bench[@]}" gpu $quick "${peer[@]}"
      ;;
    profile)
      log profile-resnet20.md 60 "${bench[@]}" profile resnet20 $quick
      # In software it takes ten minutes.
      [ -n "$quick" ] || log profile-resnet50.md 90 "${bench[@]}" profile resnet50
      ;;
    train)
      if [ -z "$data" ]; then
        echo 'No --data: nothing is trained.'
        continue
      fi
      # It saves a checkpoint when it is interrupted, which is how it ends when the time is over.
      log train.txt $((60 * minutes)) node "$work/programs/resnet.js" train resnet20 \
        --dataset cifar10 --data "$data" --recipe cifar10-paper --backend webgpu --resume ${quick:+--batch-size 4} --out "$out/run"
      ;;
  esac
done

echo "== $(date -u +%T) in $out:"
find "$out" -maxdepth 1 -name '*.log' -empty -delete
(cd "$out" && du -ah --max-depth=3 . | sort -k2)
[ ${#failed[@]} -eq 0 ] || stop "Failed: ${failed[*]}."
