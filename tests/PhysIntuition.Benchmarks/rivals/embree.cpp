// Embree in packets of 8 or 16, flat colours: scenes samples shadow_rays [picture.ppm]. Prints CPU seconds per frame.
#include <embree3/rtcore.h>

#include "scenes.h"

static const int Side = 224;
static const float Far = 1e30f;

struct Quads {
    RTCScene scene;
    std::vector<float> normals;
};

static Quads build(RTCDevice device, const Scene& source) {
    static const unsigned faces[6][4] = {
        {0, 2, 6, 4}, {1, 5, 7, 3}, {0, 4, 5, 1}, {2, 3, 7, 6}, {0, 1, 3, 2}, {4, 6, 7, 5}};
    Quads quads{rtcNewScene(device), {}};
    rtcSetSceneBuildQuality(quads.scene, RTC_BUILD_QUALITY_LOW);
    RTCGeometry geometry = rtcNewGeometry(device, RTC_GEOMETRY_TYPE_QUAD);
    size_t blocks = source.blocks.size();
    float* corners = (float*)rtcSetNewGeometryBuffer(
        geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3, 12, blocks * 8 + 1);
    unsigned* indices = (unsigned*)rtcSetNewGeometryBuffer(
        geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT4, 16, blocks * 6);
    for (size_t i = 0; i < blocks; i++) {
        const Block& block = source.blocks[i];
        float x = block.turn[0], y = block.turn[1], z = block.turn[2], w = block.turn[3];
        float axes[3][3] = {
            {1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)},
            {2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)},
            {2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)}};
        for (int p = 0; p < 8; p++)
            for (int d = 0; d < 3; d++)
                corners[(i * 8 + p) * 3 + d] = block.place[d] + (p & 1 ? 1 : -1) * block.half[0] * axes[0][d] +
                    (p & 2 ? 1 : -1) * block.half[1] * axes[1][d] + (p & 4 ? 1 : -1) * block.half[2] * axes[2][d];
        for (int face = 0; face < 6; face++) {
            for (int e = 0; e < 4; e++) *indices++ = (unsigned)i * 8 + faces[face][e];
            for (int d = 0; d < 3; d++) quads.normals.push_back((face & 1 ? 1 : -1) * axes[face / 2][d]);
        }
    }
    rtcCommitGeometry(geometry);
    rtcAttachGeometry(quads.scene, geometry);
    rtcReleaseGeometry(geometry);
    rtcCommitScene(quads.scene);
    return quads;
}

struct View {
    float forward[3], right[3], up[3], pixel;
};

static View view_of(const Scene& scene) {
    View v;
    float length = 0;
    for (int i = 0; i < 3; i++) v.forward[i] = scene.target[i] - scene.eye[i], length += v.forward[i] * v.forward[i];
    for (float& f : v.forward) f /= sqrtf(length);
    float level = sqrtf(v.forward[0] * v.forward[0] + v.forward[1] * v.forward[1]);
    v.right[0] = v.forward[1] / level, v.right[1] = -v.forward[0] / level, v.right[2] = 0;
    v.up[0] = v.right[1] * v.forward[2], v.up[1] = -v.right[0] * v.forward[2];
    v.up[2] = v.right[0] * v.forward[1] - v.right[1] * v.forward[0];
    v.pixel = 2 * tanf(scene.field_of_view / 2) / Side;
    return v;
}

static void shade(const Scene& scene, const Quads& quads, RTCRayHit16& rays, int shadow_rays, unsigned& noise,
    RTCIntersectContext& context, float sums[16][3]) {
    alignas(64) int valid[16];
    alignas(64) RTCRay16 beams;
    float places[16][3], normals[16][3], lit[16] = {};
    for (int i = 0; i < 16; i++) {
        valid[i] = -1;
        bool is_ground = rays.hit.geomID[i] == RTC_INVALID_GEOMETRY_ID;
        const float up[3] = {0, 0, 1}, *normal = is_ground ? up : &quads.normals[rays.hit.primID[i] * 3];
        float way = rays.ray.tfar[i];
        for (int d = 0; d < 3; d++) normals[i][d] = normal[d];
        places[i][0] = scene.eye[0] + rays.ray.dir_x[i] * way + normal[0] * 1e-3f;
        places[i][1] = scene.eye[1] + rays.ray.dir_y[i] * way + normal[1] * 1e-3f;
        places[i][2] = scene.eye[2] + rays.ray.dir_z[i] * way + normal[2] * 1e-3f;
    }
    for (int j = 0; j < shadow_rays; j++) {
        for (int i = 0; i < 16; i++) {
            noise = noise * 1664525u + 1013904223u;
            float wide = shadow_rays > 1 ? 0.12f : 0;
            beams.org_x[i] = places[i][0], beams.org_y[i] = places[i][1], beams.org_z[i] = places[i][2];
            beams.dir_x[i] = scene.sun[0] + ((noise >> 16 & 0xff) / 256.f - 0.5f) * wide;
            beams.dir_y[i] = scene.sun[1] + ((noise >> 24) / 256.f - 0.5f) * wide;
            beams.dir_z[i] = scene.sun[2];
            beams.tnear[i] = 0, beams.tfar[i] = Far, beams.time[i] = 0, beams.mask[i] = ~0u, beams.flags[i] = 0;
        }
        rtcOccluded16(valid, quads.scene, &context, &beams);
        for (int i = 0; i < 16; i++) lit[i] += beams.tfar[i] > 0;
    }
    const float ground[3] = {.42f, .40f, .375f}, sun[3] = {1.95f, 1.78f, 1.5f}, sky[3] = {.5f, .58f, .7f};
    for (int i = 0; i < 16; i++) {
        bool is_ground = rays.hit.geomID[i] == RTC_INVALID_GEOMETRY_ID;
        const float* color = is_ground ? ground : scene.blocks[rays.hit.primID[i] / 6].color;
        float cosine = normals[i][0] * scene.sun[0] + normals[i][1] * scene.sun[1] + normals[i][2] * scene.sun[2];
        float direct = fmaxf(cosine, 0) * lit[i] / shadow_rays, up = normals[i][2] * 0.5f + 0.5f;
        for (int d = 0; d < 3; d++)
            sums[i][d] += rays.ray.tfar[i] > 0.9f * Far
                ? 0.8f : color[d] * (sun[d] * direct + sky[d] * up + 0.28f * (1 - up));
    }
}

int main(int count, char** arguments) {
    if (count < 4) return 1;
    std::vector<Scene> scenes = read_scenes(arguments[1]);
    int samples = atoi(arguments[2]), shadow_rays = atoi(arguments[3]);
    RTCDevice device = rtcNewDevice("threads=1,set_affinity=0");
    std::vector<unsigned char> rgb(Side * Side * 3);
    const float offset_x[4] = {.125f, .375f, -.125f, -.375f}, offset_y[4] = {.375f, -.125f, -.375f, .125f};
    auto draw = [&](int index) {
        const Scene& scene = scenes[index];
        Quads quads = build(device, scene);
        View v = view_of(scene);
        RTCIntersectContext context;
        rtcInitIntersectContext(&context);
        context.flags = RTC_INTERSECT_CONTEXT_FLAG_COHERENT;
        unsigned noise = 1;
        alignas(64) int valid[16];
        alignas(64) RTCRayHit16 rays;
        for (int& lane : valid) lane = -1;
        for (int y = 0; y < Side; y += 4) {
            for (int x = 0; x < Side; x += 4) {
                float sums[16][3] = {};
                for (int s = 0; s < samples; s++) {
                    for (int i = 0; i < 16; i++) {
                        float a = (x + (i & 3) + 0.5f + (samples > 1 ? offset_x[s] : 0) - Side / 2.f) * v.pixel;
                        float b = -(y + (i >> 2) + 0.5f + (samples > 1 ? offset_y[s] : 0) - Side / 2.f) * v.pixel;
                        rays.ray.org_x[i] = scene.eye[0], rays.ray.org_y[i] = scene.eye[1];
                        rays.ray.org_z[i] = scene.eye[2];
                        rays.ray.dir_x[i] = v.forward[0] + v.right[0] * a + v.up[0] * b;
                        rays.ray.dir_y[i] = v.forward[1] + v.right[1] * a + v.up[1] * b;
                        float down = rays.ray.dir_z[i] = v.forward[2] + v.right[2] * a + v.up[2] * b;
                        rays.ray.tfar[i] = down < 0 ? -scene.eye[2] / down : Far;
                        rays.ray.tnear[i] = 0, rays.ray.mask[i] = ~0u, rays.ray.time[i] = 0, rays.ray.flags[i] = 0;
                        rays.hit.geomID[i] = RTC_INVALID_GEOMETRY_ID;
                    }
                    rtcIntersect16(valid, quads.scene, &context, &rays);
                    shade(scene, quads, rays, shadow_rays, noise, context, sums);
                }
                for (int i = 0; i < 16; i++)
                    for (int d = 0; d < 3; d++)
                        rgb[((y + (i >> 2)) * Side + x + (i & 3)) * 3 + d] =
                            (unsigned char)(sqrtf(fminf(1, sums[i][d] / samples)) * 255);
            }
        }
        rtcReleaseScene(quads.scene);
    };
    printf("%.6g\n", seconds_per_frame((int)scenes.size() < 8 ? (int)scenes.size() : 8, draw));
    if (count > 4) draw(1), write_ppm(arguments[4], rgb.data(), Side, false);
}
