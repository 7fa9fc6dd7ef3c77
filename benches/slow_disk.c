/* A slow disk: what makes files durable waits first. Loaded before the C library by LD_PRELOAD, for Linux. */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wait_a_while(void) {
    struct timespec delay = {DELAY_MICROSECONDS / 1000000, (DELAY_MICROSECONDS % 1000000) * 1000L};
    nanosleep(&delay, 0);
}

int fsync(int file) {
    wait_a_while();
    return syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    wait_a_while();
    return syscall(SYS_fdatasync, file);
}
