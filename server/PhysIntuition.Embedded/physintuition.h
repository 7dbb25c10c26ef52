/* PhysIntuition's environments in your own process: the calls of environment.proto without a server.
 *
 * A call is the number of a method, the bytes of its request message and the bytes of its reply message, as in
 * proto/physintuition/v1/environment.proto. Everything that the protocol has works but what needs a network: the
 * leaderboard, tokens. The bits are the server's.
 *
 * Memory. A reply, and the text of physintuition_last_error, may be read until the calling thread's next call of this
 * library; copy what you keep. Arrays come without a copy where Create asks for shared_buffers: then their bytes lie
 * in the file that CreateReply.shared_memory names (map it; docs/protocol.md has its layout) and are overwritten
 * shared_buffers - 1 calls later. The mapping outlives the environment.
 *
 * Threads. Every function may be called from any thread at any time. Calls on one environment are carried out in the
 * order in which they come, those on different environments side by side. One engine serves the whole process; a
 * session owns its environments. Once loaded the library stays: dlclose leaves it where it is.
 *
 * Processes. A child that was forked has no engine: it must not use a session of its parent, and gets one of its own
 * by loading a copy of this library (the Python client does so by itself). A child that calls exec is free.
 *
 * Errors. 0 is success; every other status is a code of gRPC (3 invalid argument, 5 not found, ...), and the reply
 * is then the message Error, which names field, value, rule and remedy.
 */
#ifndef PHYSINTUITION_H
#define PHYSINTUITION_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct physintuition_session physintuition_session;

/* The methods of EnvironmentService; Run is physintuition_submit. */
enum physintuition_method {
  PHYSINTUITION_GET_SERVER_INFO = 1,
  PHYSINTUITION_LIST_TASKS = 2,
  PHYSINTUITION_GET_TASK = 3,
  PHYSINTUITION_CREATE = 4,
  PHYSINTUITION_RESET = 5,
  PHYSINTUITION_STEP = 6,
  PHYSINTUITION_RENDER = 7,
  PHYSINTUITION_CLOSE = 8,
  PHYSINTUITION_SNAPSHOT = 9,
  PHYSINTUITION_RESTORE = 10,
  PHYSINTUITION_FORK = 11,
  PHYSINTUITION_SCORE = 12,
  PHYSINTUITION_STREAM_DATASET = 13 /* physintuition_submit alone: one reply for each chunk */
};

/* Bytes that belong to the library. */
typedef struct physintuition_bytes {
  const uint8_t *data;
  size_t length;
} physintuition_bytes;

/* "0.1.0", static. */
const char *physintuition_version(void);

/* Opens a session; the first one starts the engine.
 * settings: a JSON object in UTF-8, or NULL. "threads": 0 (all) to 1024; "lanes": 1, 8, 16 or 0 (the widest that the
 * processor has); "maxEnvironments": of a session; "snapshotSecret", "heldoutSecret": texts, as of a server. Those of the first session hold.
 * NULL: see physintuition_last_error. */
physintuition_session *physintuition_open(const char *settings);

/* Carries out a call and waits for it. */
int32_t physintuition_call(
    physintuition_session *session, int32_t method, const uint8_t *request, size_t length, physintuition_bytes *reply);

/* Begins a call and does not wait; gives its number, 1, 2, 3, ... Never fails: what is wrong is the reply. */
uint64_t physintuition_submit(physintuition_session *session, int32_t method, const uint8_t *request, size_t length);

/* The next reply of a submitted call. Waits at most so many milliseconds; -1: as long as it takes.
 * PHYSINTUITION_PENDING: there is none yet. PHYSINTUITION_END: there was the last one, and the number is forgotten. */
#define PHYSINTUITION_PENDING (-1)
#define PHYSINTUITION_END (-2)
int32_t physintuition_poll(
    physintuition_session *session, uint64_t number, int32_t milliseconds, physintuition_bytes *reply);

/* Ends a session and all its environments, and waits for the calls that run. NULL is fine. */
void physintuition_close(physintuition_session *session);

/* Why physintuition_open gave NULL to this thread. */
const char *physintuition_last_error(void);

#ifdef __cplusplus
}
#endif

#endif
