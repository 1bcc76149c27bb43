/*
 * How fast two threads read memory while they multiply, by how many places a loop reads at once: why weights of a panel are
 * dealt to four streams (core/src/main/java/io/quarry/kernel/Matrix.java). Needs AVX-512.
 *
 *     gcc -O3 -march=native tools/bench/streams.c -o streams -lpthread && ./streams
 */
#define _GNU_SOURCE
#include <immintrin.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define THREADS 2
#define BYTES (1UL << 30)
#define PANEL 81920UL /* words of 64 outputs and 2,560 inputs at 4 bits */

static char *memory;
static short x[65536];
static int streams, ahead;
static double rate[THREADS];
static pthread_barrier_t all;
static volatile int sink;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void *multiply(void *argument) {
    long id = (long) argument;
    size_t share = BYTES / THREADS;
    char *from = memory + id * share;
    size_t stream = PANEL / streams;
    __m512i total = _mm512_setzero_si512();
    pthread_barrier_wait(&all);
    double begin = now();
    for (size_t panel = 0; panel + PANEL <= share; panel += PANEL)
        for (size_t at = 0, k = 0; at < stream; at += 128)
            for (int s = 0; s < streams; s++, k += 4) {
                char *w = from + panel + s * stream + at;
                if (ahead) {
                    _mm_prefetch(w + ahead, _MM_HINT_T0);
                    _mm_prefetch(w + ahead + 64, _MM_HINT_T0);
                }
                __m512i a = _mm512_load_si512(w), b = _mm512_load_si512(w + 64);
                for (int i = 0; i < 4; i++) {
                    __m512i v = _mm512_set1_epi16(x[k + i]);
                    total = _mm512_add_epi16(total, _mm512_add_epi16(_mm512_mullo_epi16(a, v), _mm512_mullo_epi16(b, v)));
                    a = _mm512_srli_epi16(a, 4);
                    b = _mm512_srli_epi16(b, 4);
                }
            }
    rate[id] = share / (now() - begin) / 1e9;
    sink = _mm512_reduce_add_epi32(total);
    return 0;
}

int main(int count, char **arguments) {
    (void) arguments;
    for (int i = 0; i < 65536; i++) /* nothing that a compiler knows */
        x[i] = (short) (i + count);
    memory = aligned_alloc(1 << 21, BYTES + (1 << 21));
    memset(memory, 1, BYTES + (1 << 21));
    pthread_barrier_init(&all, 0, THREADS);
    for (ahead = 0; ahead <= 2048; ahead += 2048)
        for (streams = 1; streams <= 8; streams *= 2) {
            double sum = 0;
            for (int turn = 0; turn < 6; turn++) {
                pthread_t threads[THREADS];
                for (long i = 0; i < THREADS; i++)
                    pthread_create(threads + i, 0, multiply, (void *) i);
                for (int i = 0; i < THREADS; i++)
                    pthread_join(threads[i], 0);
                for (int i = 0; i < THREADS; i++)
                    sum += rate[i] / 6;
            }
            printf("{\"streams\": %d, \"prefetchAhead\": %d, \"GBps\": %.1f}\n", streams, ahead, sum);
        }
}
