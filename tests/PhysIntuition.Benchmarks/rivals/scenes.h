// Reads the scenes that the benchmark writes: z up, metres, linear colours, quaternions as x y z w.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

struct Block {
    float place[3], half[3], turn[4], color[3];
};

struct Scene {
    float eye[3], target[3], field_of_view, sun[3];
    std::vector<Block> blocks;
};

inline void read_numbers(FILE* file, float* numbers, int count) {
    for (int i = 0; i < count; i++)
        if (fscanf(file, "%f", numbers + i) != 1) exit(2);
}

inline std::vector<Scene> read_scenes(const char* path) {
    FILE* file = fopen(path, "r");
    float count;
    if (!file) exit(2);
    read_numbers(file, &count, 1);
    std::vector<Scene> scenes((size_t)count);
    for (Scene& scene : scenes) {
        float blocks;
        read_numbers(file, &blocks, 1);
        read_numbers(file, scene.eye, 10);
        scene.blocks.resize((size_t)blocks);
        for (Block& block : scene.blocks) read_numbers(file, block.place, 13);
    }
    fclose(file);
    return scenes;
}

inline double cpu_seconds() {
    timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

inline float to_srgb(float x) { return x <= 0.0031308f ? 12.92f * x : 1.055f * powf(x, 1 / 2.4f) - 0.055f; }

inline void write_ppm(const char* path, const unsigned char* rgb, int side, bool bottom_up) {
    FILE* file = fopen(path, "wb");
    if (!file) exit(3);
    fprintf(file, "P6\n%d %d\n255\n", side, side);
    for (int y = 0; y < side; y++) fwrite(rgb + (bottom_up ? side - 1 - y : y) * side * 3, 1, side * 3, file);
    fclose(file);
}

// The median of some rounds over all scenes, CPU seconds per frame.
template <typename Draw>
double seconds_per_frame(int scenes, Draw draw) {
    std::vector<double> rounds;
    for (int round = 0; round < 4; round++) {
        double start = cpu_seconds();
        for (int i = 0; i < scenes; i++) draw(i);
        if (round > 0) rounds.push_back((cpu_seconds() - start) / scenes);
    }
    double a = rounds[0], b = rounds[1], c = rounds[2];
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}
