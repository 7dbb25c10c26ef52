/* The day's clock of one process, moved by as many seconds as a mapped file says; clocks of intervals stay right, as
   they do when an administrator sets a clock. libfaketime 0.9.10 refuses sleeps by such clocks. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static const volatile long *ahead;

__attribute__((constructor)) static void map_offset(void) {
  const char *file = getenv("CLOCK_AHEAD");
  int handle = file ? open(file, O_RDONLY) : -1;
  void *mapped = handle < 0 ? MAP_FAILED : mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, handle, 0);
  ahead = mapped == MAP_FAILED ? NULL : mapped;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int result = real(clock, time);
  if (!result && ahead && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += *ahead;
  return result;
}
