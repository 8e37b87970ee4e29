import { ResnetError } from '@resnet/core';

const saveAgain = 'Save the weights again, as safetensors or with torch.save(model.state_dict(), path)';

export function invalidTorch(problem: string, cause?: unknown): ResnetError {
  return new ResnetError('WEIGHTS_INVALID', `Can't read this PyTorch file: ${problem}.`, { cause });
}

export function unneededTorch(what: string): ResnetError {
  return invalidTorch(`its pickle has ${what}, which no state dict needs. ${saveAgain}`);
}

export function forbiddenTorch(what: string): ResnetError {
  return new ResnetError(
    'WEIGHTS_FORBIDDEN',
    `This PyTorch file asks for ${what}. Only plain tensors are read, and nothing in a file is run. ${saveAgain}.`,
  );
}
