#include "signals.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>

#include "exit_codes.h"

namespace {

struct Crash {
  int signal;
  const char* name;
};
constexpr Crash kCrashes[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"},
    {SIGILL, "SIGILL"},   {SIGABRT, "SIGABRT"}, {SIGTRAP, "SIGTRAP"},
};
constexpr int kEnds[] = {SIGTERM, SIGHUP, SIGINT};

char partial[4096] = "";
alignas(16) char handler_stack[64 * 1024];

// Handlers call nothing but what POSIX lists as safe in them: write, unlink, signal, raise, _exit.
void say(int descriptor, const char* text) {
  if (write(descriptor, text, std::strlen(text)) < 0) return;
}

void crashed(int signal) {
  const char* name = "a signal";
  for (const Crash& crash : kCrashes) {
    if (crash.signal == signal) name = crash.name;
  }
  if (partial[0]) unlink(partial);
  const char* message[] = {"crashed with ", name, ": the network breaks ncnn, or memory ran out"};
  say(STDERR_FILENO, "mobileinst-runner: ");
  for (const char* part : message) say(STDERR_FILENO, part);
  say(STDERR_FILENO, "\n");
  say(STDOUT_FILENO, "{\"event\":\"error\",\"code\":4,\"message\":\"");
  for (const char* part : message) say(STDOUT_FILENO, part);
  say(STDOUT_FILENO, "\"}\n");
  _exit(kRun);
}

void ended(int signal) {
  if (partial[0]) unlink(partial);
  ::signal(signal, SIG_DFL);
  raise(signal);
}

void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void install_signal_handlers() {
  stack_t stack{};  // of its own, since a stack that overflowed has no room
  stack.ss_sp = handler_stack;
  stack.ss_size = sizeof handler_stack;
  sigaltstack(&stack, nullptr);
  handle(SIGPIPE, SIG_IGN, 0);
  for (const int signal : kEnds) handle(signal, ended, 0);
  for (const Crash& crash : kCrashes) handle(crash.signal, crashed, SA_ONSTACK | SA_RESETHAND);
}

void remove_when_killed(const std::string& path) {
  std::snprintf(partial, sizeof partial, "%s", path.c_str());
}

void keep_when_killed() { partial[0] = '\0'; }
