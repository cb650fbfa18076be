/* Runs a command and writes on descriptor 3 what it took, one line: wall, user and system time in
 * microseconds, the peak of resident memory in KB, the exit status (128 + n when signal n ended it).
 *
 * A process of its own, because the peak that wait4 reports begins with the size of whoever forked: of this
 * small program, not of Node. The command dies with it, so that a time limit on it holds for both. Linux.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REPORT 3
#define NOT_STARTED 127

static long long microseconds_since(const struct timespec *start)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - start->tv_sec) * 1000000LL + (now.tv_nsec - start->tv_nsec) / 1000;
}

static long long microseconds_of(const struct timeval *time)
{
    return time->tv_sec * 1000000LL + time->tv_usec;
}

int main(int count, char **words)
{
    if (count < 2) {
        fputs("which command?\n", stderr);
        return 2;
    }
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    const pid_t child = fork();
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)close(REPORT);
        (void)execvp(words[1], words + 1);
        perror(words[1]);
        _exit(NOT_STARTED);
    }
    int status;
    struct rusage used;
    if (child < 0 || wait4(child, &status, 0, &used) != child) {
        perror("stopwatch");
        return NOT_STARTED;
    }
    const long long wall = microseconds_since(&start);
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    dprintf(REPORT, "%lld %lld %lld %ld %d\n", wall, microseconds_of(&used.ru_utime),
            microseconds_of(&used.ru_stime), used.ru_maxrss, code);
    return 0;
}
