// Plays the library of the public desktop app, for tests: both its interfaces, that of C and that of Node.
//
//   gcc -shared -fPIC -O1 -pthread -o libop_sdk_ipc_client.so app.c
//
// The name of the account says what happens to a call; with "init " before it, to a sign-in:
//
//   base64...           the answer is a base64 text, not a list of numbers
//   code N...           the return code is N
//   error TEXT          the call fails with the text
//   expired once...     the approval of client 1 has ended; that of the next one holds
//   expired always...   every approval has ended
//   garbled...          the answer is not JSON
//   hang...             there is no answer
//   nameless...         a sign-in has no id
//
// Clients have the ids 1, 2, ... of their account. The file that APP_LOG names gets a line for each request:
// kind, account and payload, with tabs between them.

#define _GNU_SOURCE
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_ACCOUNTS 64
#define EXPIRED "{\"name\":\"DesktopSessionExpired\",\"message\":\"the approval has ended\"}"

typedef struct {
  char *text;
  int code;
  bool hangs;
} Answer;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
  char *account;
  int sign_ins;
} accounts[MOST_ACCOUNTS];

static bool begins(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

static char *format(const char *pattern, const char *one, int two) {
  char *text = NULL;
  return asprintf(&text, pattern, one, two) < 0 ? abort(), NULL : text;
}

// The member of a flat object whose texts have no escapes but that of the quotation mark.
static char *member(const char *json, const char *name) {
  char *key = format("\"%s\":", name, 0), *at = strstr(json, key);
  if (at == NULL) return strdup("");
  at = strchr(at + strlen(key), '"') + 1;
  free(key);
  char *text = calloc(strlen(at) + 1, 1), *end = text;
  for (; *at != '"'; at++) *end++ = *at == '\\' ? *++at : *at;
  return text;
}

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *from_base64(const char *text) {
  char *bytes = calloc(strlen(text) + 1, 1), *end = bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char *digit; *text && (digit = strchr(DIGITS, *text)); text++) {
    bits = bits << 6 | (uint32_t)(digit - DIGITS);
    if ((count += 6) >= 8) *end++ = (char)(bits >> (count -= 8));
  }
  return bytes;
}

static char *to_base64(const char *text) {
  size_t length = strlen(text);
  char *encoded = calloc(length * 2 + 5, 1), *end = encoded;
  for (size_t at = 0; at < length; at += 3) {
    uint32_t bits = 0;
    for (size_t i = at; i < at + 3; i++) bits = bits << 8 | (i < length ? (uint8_t)text[i] : 0);
    for (int i = 0; i < 4; i++) *end++ = at + i > length ? '=' : DIGITS[bits >> (18 - 6 * i) & 63];
  }
  return encoded;
}

static char *to_numbers(const char *text) {
  char *list = malloc(strlen(text) * 4 + 3), *end = list;
  *end++ = '[';
  for (const char *at = text; *at; at++) end += sprintf(end, at == text ? "%u" : ",%u", (uint8_t)*at);
  strcpy(end, "]");
  return list;
}

static char *in_envelope(bool success, bool base64, const char *payload) {
  char *text = NULL, *encoded = base64 ? to_base64(payload) : to_numbers(payload);
  const char *pattern = base64 ? "{\"success\":%s,\"payload\":\"%s\"}" : "{\"success\":%s,\"payload\":%s}";
  if (asprintf(&text, pattern, success ? "true" : "false", encoded) < 0) abort();
  free(encoded);
  return text;
}

// How often the account has signed in.
static int sign_ins(const char *account, int more) {
  pthread_mutex_lock(&lock);
  int at = 0;
  while (accounts[at].account && strcmp(accounts[at].account, account) != 0) at++;
  if (at + 1 >= MOST_ACCOUNTS) abort();
  if (!accounts[at].account) accounts[at].account = strdup(account);
  int count = accounts[at].sign_ins += more;
  pthread_mutex_unlock(&lock);
  return count;
}

static void write_log(const char *kind, const char *account, const char *payload) {
  if (getenv("APP_LOG") == NULL) return;
  pthread_mutex_lock(&lock);
  FILE *file = fopen(getenv("APP_LOG"), "a");
  fprintf(file, "%s\t%s\t%s\n", kind, account, payload);
  fclose(file);
  pthread_mutex_unlock(&lock);
}

// The client that makes a call; -1 if none is named.
static int client(const char *payload) {
  const char *id = strstr(payload, "\"clientId\":");
  return id ? atoi(id + strlen("\"clientId\":")) : -1;
}

static char *result(const char *account, const char *payload) {
  if (strstr(payload, "SecretsResolve")) return format("\"%s by client %d\"", account, client(payload));
  if (strstr(payload, "ItemsFilesRead")) return strdup("[0,1,127,128,255]");
  if (strstr(payload, "ItemsDelete")) return strdup("");
  return NULL;
}

static Answer answer(const char *kind, const char *account, const char *payload) {
  bool is_sign_in = begins(kind, "init");
  const char *script = account;
  if (begins(account, "init ")) script += strlen("init ");
  bool scripted = begins(account, "init ") == is_sign_in && !begins(kind, "release");
  Answer given = {0};
  if (is_sign_in) sign_ins(account, 1);
  if (scripted && begins(script, "hang")) {
    given.hangs = true;
  } else if (scripted && begins(script, "code ")) {
    given.code = atoi(script + strlen("code "));
  } else if (scripted && begins(script, "garbled")) {
    given.text = strdup("<html>");
  } else if (scripted && begins(script, "error ")) {
    given.text = in_envelope(false, false, script + strlen("error "));
  } else if (scripted && (begins(script, "expired always") ||
                          (begins(script, "expired once") && client(payload) < 2))) {
    given.text = in_envelope(false, false, EXPIRED);
  } else {
    char *text = is_sign_in ? format("%.0s%d", "", sign_ins(account, 0)) : result(account, payload);
    if (is_sign_in && begins(account, "nameless")) strcpy(text, "?");
    bool known = text != NULL || begins(kind, "release");
    if (text == NULL) text = strdup(known ? "" : "the app of the tests does not have this method");
    given.text = in_envelope(known, begins(script, "base64"), text);
    free(text);
  }
  return given;
}

static Answer handle(const uint8_t *message, size_t length) {
  char *request = strndup((const char *)message, length);
  char *kind = member(request, "kind"), *account = member(request, "account_name");
  char *encoded = member(request, "payload"), *payload = from_base64(encoded);
  write_log(kind, account, payload);
  Answer given = answer(kind, account, payload);
  free(payload), free(encoded), free(account), free(kind), free(request);
  return given;
}

// The interface of C.

int32_t op_sdk_ipc_send_message(const uint8_t *message, size_t length, uint8_t **out, size_t *out_length,
                                size_t *out_capacity) {
  Answer given = handle(message, length);
  while (given.hangs) pause();
  *out = (uint8_t *)given.text;
  *out_length = given.text ? strlen(given.text) : 0;
  *out_capacity = *out_length + (given.text != NULL);
  return given.code;
}

void op_sdk_ipc_free_response(uint8_t *bytes, size_t length, size_t capacity) {
  if (bytes && capacity != length + 1) abort();
  free(bytes);
}

// The interface of Node. Its functions are weak, so that other programs, which do not have them, can load the library.

typedef struct Opaque *Handle;
#define NODE(name, ...) extern int name(Handle env, __VA_ARGS__) __attribute__((weak))
NODE(napi_create_function, const char *name, size_t length, Handle (*call)(Handle, Handle), void *data, Handle *result);
NODE(napi_set_named_property, Handle object, const char *name, Handle value);
NODE(napi_get_cb_info, Handle info, size_t *count, Handle *arguments, Handle *self, void **data);
NODE(napi_get_buffer_info, Handle value, void **data, size_t *length);
NODE(napi_create_promise, Handle *deferred, Handle *promise);
NODE(napi_resolve_deferred, Handle deferred, Handle value);
NODE(napi_reject_deferred, Handle deferred, Handle reason);
NODE(napi_create_buffer_copy, size_t length, const void *data, void **copy, Handle *result);
NODE(napi_create_string_utf8, const char *text, size_t length, Handle *result);
NODE(napi_create_error, Handle code, Handle message, Handle *result);

static Handle send_message(Handle env, Handle info) {
  Handle argument, deferred, promise, value;
  size_t count = 1, length;
  void *message;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  napi_get_buffer_info(env, argument, &message, &length);
  napi_create_promise(env, &deferred, &promise);
  Answer given = handle(message, length);
  if (given.text) {
    napi_create_buffer_copy(env, strlen(given.text), given.text, NULL, &value);
    napi_resolve_deferred(env, deferred, value);
  } else if (!given.hangs) {
    char *code = format("%.0s%d", "", given.code);
    napi_create_string_utf8(env, code, strlen(code), &value);
    napi_create_error(env, NULL, value, &value);
    napi_reject_deferred(env, deferred, value);
    free(code);
  }
  free(given.text);
  return promise;
}

Handle napi_register_module_v1(Handle env, Handle exports) {
  Handle function;
  napi_create_function(env, "sendMessage", strlen("sendMessage"), send_message, NULL, &function);
  napi_set_named_property(env, exports, "sendMessage", function);
  return exports;
}
