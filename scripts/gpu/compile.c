// Compiles compute shaders with the first Vulkan driver and prints its statistics and assembly; runs nothing, so a driver that
// only pretends to have a device will do. `instructions.mjs` builds and calls it.
//
// compile FILE BINDINGS ...: a shader in SPIR-V, and for each of its bindings `s` (storage buffer) or `u` (uniform buffer).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vulkan.h>

static void check(VkResult result, const char *what) {
  if (result == VK_SUCCESS) return;
  fprintf(stderr, "%s failed: %d\n", what, result);
  exit(1);
}

static VkDevice openDevice(void) {
  VkApplicationInfo application = {VK_STRUCTURE_TYPE_APPLICATION_INFO, .apiVersion = VK_API_VERSION_1_3};
  VkInstanceCreateInfo instanceInfo = {VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pApplicationInfo = &application};
  VkInstance instance;
  check(vkCreateInstance(&instanceInfo, NULL, &instance), "vkCreateInstance");
  uint32_t count = 1;
  VkPhysicalDevice physical;
  if (vkEnumeratePhysicalDevices(instance, &count, &physical) < 0 || count == 0) {
    fprintf(stderr, "The driver has no device.\n");
    exit(1);
  }
  VkPhysicalDeviceProperties properties;
  vkGetPhysicalDeviceProperties(physical, &properties);
  printf("device %s\n", properties.deviceName);
  float priority = 1;
  VkDeviceQueueCreateInfo queue = {VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueCount = 1, .pQueuePriorities = &priority};
  VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR executables = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR, .pipelineExecutableInfo = VK_TRUE};
  VkPhysicalDeviceVulkan12Features features = {
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, .pNext = &executables, .vulkanMemoryModel = VK_TRUE,
      .vulkanMemoryModelDeviceScope = VK_TRUE};
  const char *extensions[] = {"VK_KHR_pipeline_executable_properties"};
  VkDeviceCreateInfo deviceInfo = {
      VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, .pNext = &features, .queueCreateInfoCount = 1, .pQueueCreateInfos = &queue,
      .enabledExtensionCount = 1, .ppEnabledExtensionNames = extensions};
  VkDevice device;
  check(vkCreateDevice(physical, &deviceInfo, NULL, &device), "vkCreateDevice");
  return device;
}

static VkShaderModule readShader(VkDevice device, const char *file) {
  FILE *stream = fopen(file, "rb");
  if (!stream) {
    perror(file);
    exit(1);
  }
  fseek(stream, 0, SEEK_END);
  size_t size = ftell(stream);
  rewind(stream);
  uint32_t *code = malloc(size);
  if (fread(code, 1, size, stream) != size) exit(1);
  fclose(stream);
  VkShaderModuleCreateInfo info = {VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, .codeSize = size, .pCode = code};
  VkShaderModule shader;
  check(vkCreateShaderModule(device, &info, NULL, &shader), file);
  free(code);
  return shader;
}

static VkPipeline compile(VkDevice device, VkShaderModule shader, const char *bindings) {
  uint32_t count = strlen(bindings);
  VkDescriptorSetLayoutBinding *list = calloc(count + 1, sizeof *list);
  for (uint32_t index = 0; index < count; index++) {
    VkDescriptorType type = bindings[index] == 'u' ? VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER : VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    list[index] = (VkDescriptorSetLayoutBinding){index, type, 1, VK_SHADER_STAGE_COMPUTE_BIT, NULL};
  }
  VkDescriptorSetLayoutCreateInfo setInfo = {
      VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, .bindingCount = count, .pBindings = list};
  VkDescriptorSetLayout set;
  check(vkCreateDescriptorSetLayout(device, &setInfo, NULL, &set), "vkCreateDescriptorSetLayout");
  VkPipelineLayoutCreateInfo layoutInfo = {
      VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO, .setLayoutCount = 1, .pSetLayouts = &set};
  VkPipelineLayout layout;
  check(vkCreatePipelineLayout(device, &layoutInfo, NULL, &layout), "vkCreatePipelineLayout");
  VkComputePipelineCreateInfo info = {
      VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
      .flags = VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR | VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR,
      .stage = {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO, .stage = VK_SHADER_STAGE_COMPUTE_BIT, .module = shader,
                .pName = "dawn_entry_point"},
      .layout = layout};
  VkPipeline pipeline;
  check(vkCreateComputePipelines(device, VK_NULL_HANDLE, 1, &info, NULL, &pipeline), "vkCreateComputePipelines");
  free(list);
  return pipeline;
}

#define FUNCTION(name) PFN_##name name = (PFN_##name)vkGetDeviceProcAddr(device, #name)

static void print(VkDevice device, VkPipeline pipeline) {
  FUNCTION(vkGetPipelineExecutableStatisticsKHR);
  FUNCTION(vkGetPipelineExecutableInternalRepresentationsKHR);
  VkPipelineExecutableInfoKHR which = {VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, .pipeline = pipeline};
  VkPipelineExecutableStatisticKHR statistics[64];
  uint32_t count = 64;
  for (uint32_t index = 0; index < count; index++)
    statistics[index] = (VkPipelineExecutableStatisticKHR){VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR};
  check(vkGetPipelineExecutableStatisticsKHR(device, &which, &count, statistics), "its statistics");
  for (uint32_t index = 0; index < count; index++)
    printf("statistic %s: %llu\n", statistics[index].name, (unsigned long long)statistics[index].value.u64);
  VkPipelineExecutableInternalRepresentationKHR forms[16];
  count = 16;
  for (uint32_t index = 0; index < count; index++)
    forms[index] = (VkPipelineExecutableInternalRepresentationKHR){
        VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INTERNAL_REPRESENTATION_KHR};
  check(vkGetPipelineExecutableInternalRepresentationsKHR(device, &which, &count, forms), "its assembly");
  for (uint32_t index = 0; index < count; index++) forms[index].pData = malloc(forms[index].dataSize);
  check(vkGetPipelineExecutableInternalRepresentationsKHR(device, &which, &count, forms), "its assembly");
  for (uint32_t index = 0; index < count; index++)
    if (strstr(forms[index].name, "Assembly")) printf("assembly\n%s\n", (char *)forms[index].pData);
}

int main(int argc, char **argv) {
  VkDevice device = openDevice();
  for (int index = 1; index + 1 < argc; index += 2) {
    printf("shader %s\n", argv[index]);
    print(device, compile(device, readShader(device, argv[index]), argv[index + 1]));
  }
  return 0;
}
