// Stands in for libcuda on a machine without a GPU: PTX becomes C++ (ptx_to_cpp.py), and g++ compiles that.
//
// As strict as the real ones where a host program can go wrong: calls need a current context, work is done as late as
// the API allows (when someone waits), the processor cannot touch device memory, allocations end at a closed page,
// addresses must be aligned, launches have CUDA's limits, and whatever is not given back is counted. standin_* is for
// the tests.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr int kSuccess = 0, kInvalidValue = 1, kOutOfMemory = 2, kNotInitialized = 3, kInvalidDevice = 101,
              kInvalidImage = 200, kInvalidContext = 201, kInvalidHandle = 400, kNotFound = 500,
              kIllegalAddress = 700, kMisalignedAddress = 716;
constexpr size_t kAlignment = 256, kPage = 4096;

struct Module {
  void* library;
  const char* (*name)();
  size_t (*arguments_size)();
  bool (*run)(unsigned blocks, unsigned threads, const unsigned* places, const void* arguments);
};

struct Block {
  uint8_t* map;
  size_t map_bytes, bytes;
};

struct Event {
  size_t after = 0;  // done when this many operations are
};

std::mutex lock;
bool is_initialized = false;
int capability = 90, retained = 0, live_modules = 0, live_events = 0;
long launches = 0;
std::map<uintptr_t, Block> memory;
std::map<void*, size_t> pinned;
std::vector<std::function<int()>> queue;  // one for all streams: the most orderly that the API allows
size_t done = 0, queued = 0;
std::string fail_call;
int fail_code = 0, late_error = 0;
thread_local std::vector<void*> contexts;
char primary;

bool fails(const char* call, int* code) {
  if (fail_call != call) return false;
  fail_call.clear();
  *code = fail_code;
  return true;
}

#define ENTER(call)                              \
  std::lock_guard<std::mutex> held(lock);        \
  int injected;                                  \
  if (fails(call, &injected)) return injected;   \
  if (!is_initialized) return kNotInitialized

#define ENTER_CONTEXT(call) \
  ENTER(call);              \
  if (contexts.empty()) return kInvalidContext

void open_memory(int protection) {
  for (auto& [address, block] : memory) mprotect(block.map, block.map_bytes, protection);
}

bool is_device(uint64_t address, size_t bytes) {
  auto next = memory.upper_bound(address);
  if (next == memory.begin()) return false;
  auto& [start, block] = *--next;
  return address + bytes <= start + block.bytes;
}

void add(std::function<int()> work) {
  queue.push_back(std::move(work));
  queued++;
}

int run_until(size_t count) {
  if (late_error) return late_error;
  if (done >= count) return kSuccess;
  open_memory(PROT_READ | PROT_WRITE);
  while (done < count && !late_error) {
    late_error = queue[done - (queued - queue.size())]();
    done++;
  }
  open_memory(PROT_NONE);
  if (done == queued) queue.clear();
  return late_error;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream all;
  all << file.rdbuf();
  return all.str();
}

std::string temporary_folder() {
  char folder[] = P_tmpdir "/cuda-stand-in-XXXXXX";
  return mkdtemp(folder) ? folder : "";
}

// The same text gives the same library: compiled once in a process. Nothing where it is no PTX.
void* compile(const std::string& text) {
  static std::map<std::string, std::string> images;
  std::string& image = images[text];
  const std::string folder = temporary_folder(), stem = folder + "/image";
  if (image.empty()) {
    std::ofstream(stem + ".ptx") << text;
    const std::string command =
        "python3 " STAND_IN_FOLDER "/ptx_to_cpp.py " + stem + ".ptx " + stem + ".cpp && g++ -shared -fPIC -O1 -std=c++17 " +
        "-march=native -ffp-contract=off -w -o " + stem + ".so " + stem + ".cpp";
    if (system(command.c_str()) == 0) image = read_file(stem + ".so");
  }
  std::ofstream(stem + ".so", std::ios::binary) << image;
  void* library = dlopen((stem + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
  (void)!system(("rm -r " + folder).c_str());
  return library;
}

int enqueue_copy(void* to, const void* from, size_t bytes) {
  add([=] {
    memcpy(to, from, bytes);
    return kSuccess;
  });
  return kSuccess;
}

}  // namespace

extern "C" {

// ---- for the tests

void standin_fail(const char* call, int code) { fail_call = call, fail_code = code; }
void standin_set_capability(int value) { capability = value; }
long standin_launches() { return launches; }
long standin_live() {
  return (long)memory.size() + (long)pinned.size() + live_modules + live_events + retained;
}

// ---- libcuda

int cuInit(unsigned) {
  int injected;
  if (fails("cuInit", &injected)) return injected;
  is_initialized = true;
  return kSuccess;
}

// Needs no cuInit.
int cuDriverGetVersion(int* version) {
  *version = 12090;
  return kSuccess;
}

int cuDeviceGetCount(int* count) {
  ENTER("cuDeviceGetCount");
  *count = 1;
  return kSuccess;
}

int cuDeviceGet(int* device, int ordinal) {
  ENTER("cuDeviceGet");
  *device = ordinal;
  return ordinal == 0 ? kSuccess : kInvalidDevice;
}

int cuDeviceGetName(char* name, int length, int) {
  ENTER("cuDeviceGetName");
  snprintf(name, length, "Stand-in for a GPU");
  return kSuccess;
}

int cuDeviceGetAttribute(int* value, int attribute, int) {
  ENTER("cuDeviceGetAttribute");
  *value = attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : 0;
  return kSuccess;
}

int cuDevicePrimaryCtxRetain(void** context, int) {
  ENTER("cuDevicePrimaryCtxRetain");
  retained++;
  *context = &primary;
  return kSuccess;
}

int cuDevicePrimaryCtxRelease_v2(int) {
  ENTER("cuDevicePrimaryCtxRelease_v2");
  return --retained >= 0 ? kSuccess : kInvalidContext;
}

int cuCtxPushCurrent_v2(void* context) {
  ENTER("cuCtxPushCurrent_v2");
  if (context != &primary || retained == 0) return kInvalidContext;
  contexts.push_back(context);
  return kSuccess;
}

int cuCtxPopCurrent_v2(void** context) {
  ENTER_CONTEXT("cuCtxPopCurrent_v2");
  *context = contexts.back();
  contexts.pop_back();
  return kSuccess;
}

int cuModuleLoadData(void** module, const void* image) {
  ENTER_CONTEXT("cuModuleLoadData");
  void* library = compile((const char*)image);
  if (!library) return kInvalidImage;
  *module = new Module{library, (decltype(Module::name))dlsym(library, "kernel_name"),
                       (decltype(Module::arguments_size))dlsym(library, "arguments_size"),
                       (decltype(Module::run))dlsym(library, "run")};
  live_modules++;
  return kSuccess;
}

int cuModuleUnload(void* handle) {
  ENTER_CONTEXT("cuModuleUnload");
  auto* module = (Module*)handle;
  if (int error = run_until(queued)) return error;
  dlclose(module->library);
  delete module;
  live_modules--;
  return kSuccess;
}

int cuModuleGetFunction(void** function, void* handle, const char* name) {
  ENTER_CONTEXT("cuModuleGetFunction");
  if (strcmp(name, ((Module*)handle)->name()) != 0) return kNotFound;
  *function = handle;
  return kSuccess;
}

int cuFuncGetAttribute(int* value, int, void*) {
  ENTER_CONTEXT("cuFuncGetAttribute");
  *value = 0;
  return kSuccess;
}

// The end lies within 256 bytes of a closed page; the start is aligned as CUDA's is.
int cuMemAlloc_v2(uint64_t* address, size_t bytes) {
  ENTER_CONTEXT("cuMemAlloc_v2");
  if (bytes == 0) return kInvalidValue;
  const size_t whole = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const size_t pages = (whole + kPage - 1) / kPage * kPage;
  auto* map = (uint8_t*)mmap(nullptr, pages + kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) return kOutOfMemory;
  *address = (uint64_t)(map + pages - whole);
  memory[*address] = {map, pages, bytes};
  return kSuccess;
}

int cuMemFree_v2(uint64_t address) {
  ENTER_CONTEXT("cuMemFree_v2");
  if (int error = run_until(queued)) return error;
  auto found = memory.find(address);
  if (found == memory.end()) return kInvalidValue;
  munmap(found->second.map, found->second.map_bytes + kPage);
  memory.erase(found);
  return kSuccess;
}

int cuMemAllocHost_v2(void** host, size_t bytes) {
  ENTER_CONTEXT("cuMemAllocHost_v2");
  *host = malloc(bytes);
  pinned[*host] = bytes;
  return kSuccess;
}

int cuMemFreeHost(void* host) {
  ENTER_CONTEXT("cuMemFreeHost");
  if (int error = run_until(queued)) return error;
  if (!pinned.erase(host)) return kInvalidValue;
  free(host);
  return kSuccess;
}

int cuMemcpyHtoDAsync_v2(uint64_t to, const void* from, size_t bytes, void*) {
  ENTER_CONTEXT("cuMemcpyHtoDAsync_v2");
  return is_device(to, bytes) ? enqueue_copy((void*)to, from, bytes) : kInvalidValue;
}

int cuMemcpyDtoHAsync_v2(void* to, uint64_t from, size_t bytes, void*) {
  ENTER_CONTEXT("cuMemcpyDtoHAsync_v2");
  return is_device(from, bytes) ? enqueue_copy(to, (const void*)from, bytes) : kInvalidValue;
}

// Arguments are copied at the launch, as CUDA does: the caller's variables may be gone when the kernel runs.
int cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned shared, void*, void** arguments, void** extra) {
  ENTER_CONTEXT("cuLaunchKernel");
  auto* kernel = (Module*)function;
  if (!kernel) return kInvalidHandle;
  if (!gx || gy != 1 || gz != 1 || by != 1 || bz != 1 || !bx || bx > 1024 || shared || extra) return kInvalidValue;
  const unsigned places = *(unsigned*)arguments[0];
  const auto* structure = (uint8_t*)arguments[1];
  launches++;
  add([=, copy = std::vector<uint8_t>(structure, structure + kernel->arguments_size())] {
    return kernel->run(gx, bx, &places, copy.data()) ? kSuccess : kMisalignedAddress;
  });
  return kSuccess;
}

int cuStreamSynchronize(void*) {
  ENTER_CONTEXT("cuStreamSynchronize");
  return run_until(queued);
}

int cuEventCreate(void** event, unsigned) {
  ENTER_CONTEXT("cuEventCreate");
  *event = new Event;
  live_events++;
  return kSuccess;
}

int cuEventRecord(void* event, void*) {
  ENTER_CONTEXT("cuEventRecord");
  ((Event*)event)->after = queued;
  return kSuccess;
}

int cuEventSynchronize(void* event) {
  ENTER_CONTEXT("cuEventSynchronize");
  return run_until(((Event*)event)->after);
}

int cuEventDestroy_v2(void* event) {
  ENTER_CONTEXT("cuEventDestroy_v2");
  delete (Event*)event;
  live_events--;
  return kSuccess;
}

int cuGetErrorName(int code, const char** name) {
  *name = code == kOutOfMemory       ? "CUDA_ERROR_OUT_OF_MEMORY"
        : code == kInvalidContext    ? "CUDA_ERROR_INVALID_CONTEXT"
        : code == kIllegalAddress    ? "CUDA_ERROR_ILLEGAL_ADDRESS"
        : code == kInvalidValue      ? "CUDA_ERROR_INVALID_VALUE"
        : code == kMisalignedAddress ? "CUDA_ERROR_MISALIGNED_ADDRESS"
                                     : "CUDA_ERROR_UNKNOWN";
  return kSuccess;
}

int cuGetErrorString(int code, const char** text) {
  *text = code == kOutOfMemory ? "out of memory" : "see the driver's documentation";
  return kSuccess;
}
}
