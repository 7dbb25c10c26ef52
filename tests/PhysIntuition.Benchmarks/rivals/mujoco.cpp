// MuJoCo's renderer on OSMesa: scenes shadow_map_size samples [picture.ppm]. Prints CPU seconds per frame of 224 x 224.
#include <GL/osmesa.h>
#include <mujoco/mujoco.h>

#include <cstring>
#include <string>

#include "scenes.h"

static const int Side = 224;
static const float Degrees = 57.29578f;

static std::string text(float a, float b, float c) {
    return std::to_string(a) + " " + std::to_string(b) + " " + std::to_string(c);
}

static std::string to_xml(const Scene& scene, int shadow, int samples) {
    std::string xml = "<mujoco><statistic extent='2' center='0 0 0.5'/><visual><global offwidth='224' offheight='224' fovy='" +
        std::to_string(scene.field_of_view * Degrees) + "'/><quality shadowsize='" + std::to_string(shadow) +
        "' offsamples='" + std::to_string(samples) + "'/></visual><asset>"
        "<texture type='2d' name='ground' builtin='checker' rgb1='.8 .78 .75' rgb2='.72 .7 .67' width='512'"
        " height='512' mark='edge' markrgb='.5 .5 .5'/>"
        "<texture type='skybox' builtin='gradient' rgb1='.8 .85 .9' rgb2='.5 .6 .75' width='256' height='256'/>"
        "<material name='ground' texture='ground' texrepeat='2 2' texuniform='true'/></asset><worldbody>"
        "<light directional='true' diffuse='.8 .8 .75' pos='" +
        text(scene.sun[0] * 3, scene.sun[1] * 3, scene.sun[2] * 3) + "' dir='" +
        text(-scene.sun[0], -scene.sun[1], -scene.sun[2]) + "'/><geom type='plane' size='20 20 1' material='ground'/>";
    for (const Block& block : scene.blocks) {
        xml += "<geom type='box' size='" + text(block.half[0], block.half[1], block.half[2]) + "' pos='" +
            text(block.place[0], block.place[1], block.place[2]) + "' quat='" + std::to_string(block.turn[3]) + " " +
            text(block.turn[0], block.turn[1], block.turn[2]) + "' rgba='" +
            text(to_srgb(block.color[0]), to_srgb(block.color[1]), to_srgb(block.color[2])) + " 1'/>";
    }
    return xml + "</worldbody></mujoco>";
}

static mjModel* load(const std::string& xml) {
    static mjVFS files;
    char error[500] = "";
    mj_defaultVFS(&files);
    mj_makeEmptyFileVFS(&files, "scene.xml", (int)xml.size());
    memcpy(files.filedata[mj_findFileVFS(&files, "scene.xml")], xml.data(), xml.size());
    mjModel* model = mj_loadXML("scene.xml", &files, error, sizeof error);
    if (!model) fprintf(stderr, "%s\n", error), exit(4);
    mj_deleteVFS(&files);
    return model;
}

static mjvCamera camera_of(const Scene& scene) {
    mjvCamera camera;
    mjv_defaultCamera(&camera);
    float sight[3];
    for (int i = 0; i < 3; i++) camera.lookat[i] = scene.target[i], sight[i] = scene.target[i] - scene.eye[i];
    camera.distance = sqrtf(sight[0] * sight[0] + sight[1] * sight[1] + sight[2] * sight[2]);
    camera.azimuth = atan2f(sight[1], sight[0]) * Degrees;
    camera.elevation = asinf(sight[2] / (float)camera.distance) * Degrees;
    return camera;
}

int main(int count, char** arguments) {
    if (count < 4) return 1;
    std::vector<Scene> scenes = read_scenes(arguments[1]);
    int shadow = atoi(arguments[2]), samples = atoi(arguments[3]);
    std::vector<unsigned char> surface(Side * Side * 4), rgb(Side * Side * 3);
    OSMesaContext mesa = OSMesaCreateContextExt(GL_RGBA, 24, 8, 8, nullptr);
    if (!mesa || !OSMesaMakeCurrent(mesa, surface.data(), GL_UNSIGNED_BYTE, Side, Side)) return 5;

    std::vector<mjModel*> models;
    std::vector<mjData*> datas;
    for (const Scene& scene : scenes) {
        models.push_back(load(to_xml(scene, shadow, samples)));
        datas.push_back(mj_makeData(models.back()));
        mj_forward(models.back(), datas.back());
    }

    mjvScene view;
    mjvOption option;
    mjrContext context;
    mjv_defaultScene(&view);
    mjv_makeScene(models[0], &view, 100);
    mjv_defaultOption(&option);
    mjr_defaultContext(&context);
    mjr_makeContext(models[0], &context, 100);
    mjr_setBuffer(mjFB_OFFSCREEN, &context);
    if (context.currentBuffer != mjFB_OFFSCREEN) return 6;
    view.flags[mjRND_REFLECTION] = 0;

    mjrRect whole = {0, 0, Side, Side};
    auto draw = [&](int i) {
        mjvCamera camera = camera_of(scenes[i]);
        mjv_updateScene(models[i], datas[i], &option, nullptr, &camera, mjCAT_ALL, &view);
        mjr_render(whole, &view, &context);
        mjr_readPixels(rgb.data(), nullptr, whole, &context);
    };
    printf("%.6g\n", seconds_per_frame((int)scenes.size() < 8 ? (int)scenes.size() : 8, draw));
    if (count > 4) draw(1), write_ppm(arguments[4], rgb.data(), Side, true);
}
