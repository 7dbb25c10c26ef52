// OpenGL 3.3 on Mesa's software rasteriser through EGL: scenes shadow_map_size samples [picture.ppm].
// Own shaders near the studio look: sun with a filtered shadow map, sky, gloss, noise. Prints CPU seconds per frame.
#define GL_GLEXT_PROTOTYPES
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/gl.h>
#include <GL/glext.h>

#include <cstring>

#include "scenes.h"

static const int Side = 224;
static const float Near = 0.1f, Far = 60, SunReach = 12, SunWidth = 2.5f;   // m

static const char* ObjectVertex = R"(#version 330 core
layout(location = 0) in vec3 place;
layout(location = 1) in vec3 normal;
uniform mat4 model, view, shadow;
out vec3 at, facing, local;
out vec4 lit;
void main() {
    vec4 world = model * vec4(place, 1);
    at = world.xyz, facing = mat3(model) * normal, local = place, lit = shadow * world;
    gl_Position = view * world;
})";

static const char* ObjectFragment = R"(#version 330 core
in vec3 at, facing, local;
in vec4 lit;
out vec4 pixel;
uniform vec3 color, sun, eye;
uniform int ground;
uniform float texel;
uniform sampler2DShadow map;
float hash(vec2 p) { return fract(sin(dot(p, vec2(127.1, 311.7))) * 43758.5); }
float noise(vec2 p) {
    vec2 i = floor(p), f = fract(p);
    f = f * f * (3 - 2 * f);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + vec2(1)), f.x), f.y);
}
void main() {
    vec3 n = normalize(facing), c = color;
    if (ground == 1) {
        c *= 1 + .1 * (noise(at.xy * 4.2) - .5);
    } else {
        float r = length(local.yz) * 5, ring = fract(r * 2 + noise(vec2(local.x * 1.3, r)) * 1.6);
        c *= 1 - .35 * (.42 * ring * ring * (1 - ring) * 6.75);
    }
    float free = 0;
    for (int i = -1; i <= 1; i++)
        for (int j = -1; j <= 1; j++) free += texture(map, lit.xyz + vec3(i * texel, j * texel, -.002)) / 9;
    float up = n.z * .5 + .5;
    vec3 light = vec3(1.95, 1.78, 1.5) * max(dot(n, sun), 0) * free + vec3(.5, .58, .7) * up + vec3(.32, .28, .24) * (1 - up);
    vec3 shine = ground == 1 ? vec3(0)
        : .22 * vec3(1.95, 1.78, 1.5) * pow(max(dot(reflect(normalize(at - eye), n), sun), 0), 16) * free;
    pixel = vec4(pow(min(c * light + shine, vec3(1)), vec3(1 / 2.2)), 1);
})";

static const char* DepthVertex = R"(#version 330 core
layout(location = 0) in vec3 place;
uniform mat4 model, view;
void main() { gl_Position = view * model * vec4(place, 1); })";

static const char* DepthFragment = "#version 330 core\nvoid main() {}";

struct Matrix {
    float m[16];   // columns
};

static Matrix operator*(const Matrix& a, const Matrix& b) {
    Matrix product = {};
    for (int column = 0; column < 4; column++)
        for (int row = 0; row < 4; row++)
            for (int k = 0; k < 4; k++) product.m[column * 4 + row] += a.m[k * 4 + row] * b.m[column * 4 + k];
    return product;
}

static void normalise(float* v) {
    float length = sqrtf(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    for (int i = 0; i < 3; i++) v[i] /= length;
}

static Matrix look_at(const float* eye, const float* target) {
    float f[3] = {target[0] - eye[0], target[1] - eye[1], target[2] - eye[2]};
    normalise(f);
    float r[3] = {f[1], -f[0], 0};
    normalise(r);
    float u[3] = {r[1] * f[2] - r[2] * f[1], r[2] * f[0] - r[0] * f[2], r[0] * f[1] - r[1] * f[0]};
    Matrix view = {{r[0], u[0], -f[0], 0, r[1], u[1], -f[1], 0, r[2], u[2], -f[2], 0, 0, 0, 0, 1}};
    for (int i = 0; i < 3; i++) {
        view.m[12] -= r[i] * eye[i];
        view.m[13] -= u[i] * eye[i];
        view.m[14] += f[i] * eye[i];
    }
    return view;
}

static Matrix model_of(const Block& block) {
    float x = block.turn[0], y = block.turn[1], z = block.turn[2], w = block.turn[3];
    float axes[9] = {1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y),
                     2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x),
                     2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)};
    Matrix model = {};
    for (int column = 0; column < 3; column++)
        for (int row = 0; row < 3; row++) model.m[column * 4 + row] = axes[column * 3 + row] * block.half[column];
    for (int i = 0; i < 3; i++) model.m[12 + i] = block.place[i];
    model.m[15] = 1;
    return model;
}

static GLuint program_of(const char* vertex, const char* fragment) {
    GLuint program = glCreateProgram();
    const char* texts[] = {vertex, fragment};
    for (int i = 0; i < 2; i++) {
        GLuint shader = glCreateShader(i ? GL_FRAGMENT_SHADER : GL_VERTEX_SHADER);
        glShaderSource(shader, 1, &texts[i], nullptr);
        glCompileShader(shader);
        glAttachShader(program, shader);
    }
    glLinkProgram(program);
    GLint linked;
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    if (!linked) exit(4);
    return program;
}

static void make_context() {
    setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
    EGLDisplay display = eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
    EGLint attributes[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3, EGL_NONE};
    if (!eglInitialize(display, nullptr, nullptr) || !eglBindAPI(EGL_OPENGL_API)) exit(5);
    EGLContext context = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
    if (!context || !eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context)) exit(5);
    if (!strstr((const char*)glGetString(GL_RENDERER), "llvmpipe")) exit(6);
}

static GLuint upload(const std::vector<float>& vertices) {
    GLuint array, buffer;
    glGenVertexArrays(1, &array);
    glBindVertexArray(array);
    glGenBuffers(1, &buffer);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glBufferData(GL_ARRAY_BUFFER, vertices.size() * sizeof(float), vertices.data(), GL_STATIC_DRAW);
    for (int i = 0; i < 2; i++) {
        glEnableVertexAttribArray(i);
        glVertexAttribPointer(i, 3, GL_FLOAT, GL_FALSE, 6 * sizeof(float), (void*)(size_t)(i * 3 * sizeof(float)));
    }
    return array;
}

// Two triangles of the face of the cube [-1, 1]³ that looks along an axis.
static void add_face(std::vector<float>& vertices, int axis, float side, float at) {
    const float corners[6][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, -1}, {1, 1}, {-1, 1}};
    for (const float* corner : corners) {
        float place[3], normal[3] = {0, 0, 0};
        place[axis] = at, place[(axis + 1) % 3] = corner[0], place[(axis + 2) % 3] = corner[1], normal[axis] = side;
        vertices.insert(vertices.end(), place, place + 3);
        vertices.insert(vertices.end(), normal, normal + 3);
    }
}

static GLuint make_target(GLenum color, GLenum depth, int samples) {
    GLuint frame, buffers[2];
    glGenFramebuffers(1, &frame);
    glBindFramebuffer(GL_FRAMEBUFFER, frame);
    glGenRenderbuffers(2, buffers);
    GLenum formats[] = {color, depth}, places[] = {GL_COLOR_ATTACHMENT0, GL_DEPTH_ATTACHMENT};
    for (int i = 0; i < 2; i++) {
        glBindRenderbuffer(GL_RENDERBUFFER, buffers[i]);
        glRenderbufferStorageMultisample(GL_RENDERBUFFER, samples, formats[i], Side, Side);
        glFramebufferRenderbuffer(GL_FRAMEBUFFER, places[i], GL_RENDERBUFFER, buffers[i]);
    }
    if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) exit(7);
    return frame;
}

static GLuint make_shadow_map(int size) {
    GLuint frame, texture;
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_DEPTH_COMPONENT24, size, size, 0, GL_DEPTH_COMPONENT, GL_FLOAT, nullptr);
    GLint settings[][2] = {{GL_TEXTURE_MIN_FILTER, GL_LINEAR}, {GL_TEXTURE_MAG_FILTER, GL_LINEAR},
                           {GL_TEXTURE_COMPARE_MODE, GL_COMPARE_REF_TO_TEXTURE},
                           {GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE}, {GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE}};
    for (GLint* setting : settings) glTexParameteri(GL_TEXTURE_2D, setting[0], setting[1]);
    glGenFramebuffers(1, &frame);
    glBindFramebuffer(GL_FRAMEBUFFER, frame);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_DEPTH_ATTACHMENT, GL_TEXTURE_2D, texture, 0);
    glDrawBuffer(GL_NONE);
    return frame;
}

static void set(GLuint program, const char* name, const Matrix& value) {
    glUniformMatrix4fv(glGetUniformLocation(program, name), 1, GL_FALSE, value.m);
}

static void set(GLuint program, const char* name, const float* value) {
    glUniform3fv(glGetUniformLocation(program, name), 1, value);
}

static void draw_blocks(const Scene& scene, GLuint program, GLuint cube) {
    glBindVertexArray(cube);
    for (const Block& block : scene.blocks) {
        set(program, "model", model_of(block));
        set(program, "color", block.color);
        glDrawArrays(GL_TRIANGLES, 0, 36);
    }
}

int main(int count, char** arguments) {
    if (count < 4) return 1;
    std::vector<Scene> scenes = read_scenes(arguments[1]);
    int map_size = atoi(arguments[2]), samples = atoi(arguments[3]);
    make_context();

    std::vector<float> faces, floor;
    for (int axis = 0; axis < 3; axis++) add_face(faces, axis, 1, 1), add_face(faces, axis, -1, -1);
    add_face(floor, 2, 1, 0);
    GLuint cube = upload(faces), plane = upload(floor);
    GLuint object = program_of(ObjectVertex, ObjectFragment), depth = program_of(DepthVertex, DepthFragment);
    GLuint shadow_map = make_shadow_map(map_size);
    GLuint smooth = make_target(GL_RGBA8, GL_DEPTH_COMPONENT24, samples);
    GLuint plain = make_target(GL_RGBA8, GL_DEPTH_COMPONENT24, 0);
    std::vector<unsigned char> rgb(Side * Side * 3);
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glEnable(GL_DEPTH_TEST);
    glClearColor(.85f, .87f, .9f, 1);

    auto draw = [&](int index) {
        const Scene& scene = scenes[index];
        float f = 1 / tanf(scene.field_of_view / 2);
        Matrix lens = {{f, 0, 0, 0, 0, f, 0, 0, 0, 0, (Far + Near) / (Near - Far), -1, 0, 0, 2 * Far * Near / (Near - Far), 0}};
        float origin[3] = {0, 0, 0}, above[3];
        for (int i = 0; i < 3; i++) above[i] = scene.sun[i] * SunReach;
        Matrix flat = {{1 / SunWidth, 0, 0, 0, 0, 1 / SunWidth, 0, 0, 0, 0, -1 / SunReach, 0, 0, 0, -1, 1}};
        Matrix half = {{.5f, 0, 0, 0, 0, .5f, 0, 0, 0, 0, .5f, 0, .5f, .5f, .5f, 1}};
        Matrix from_sun = flat * look_at(above, origin);

        glBindFramebuffer(GL_FRAMEBUFFER, shadow_map);
        glViewport(0, 0, map_size, map_size);
        glClear(GL_DEPTH_BUFFER_BIT);
        glUseProgram(depth);
        set(depth, "view", from_sun);
        draw_blocks(scene, depth, cube);

        glBindFramebuffer(GL_FRAMEBUFFER, smooth);
        glViewport(0, 0, Side, Side);
        glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT);
        glUseProgram(object);
        set(object, "view", lens * look_at(scene.eye, scene.target));
        set(object, "shadow", half * from_sun);
        set(object, "sun", scene.sun);
        set(object, "eye", scene.eye);
        glUniform1f(glGetUniformLocation(object, "texel"), 1.f / map_size);
        glUniform1i(glGetUniformLocation(object, "ground"), 0);
        draw_blocks(scene, object, cube);
        const float grey[3] = {.42f, .40f, .375f};
        glUniform1i(glGetUniformLocation(object, "ground"), 1);
        set(object, "color", grey);
        set(object, "model", Matrix{{40, 0, 0, 0, 0, 40, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}});
        glBindVertexArray(plane);
        glDrawArrays(GL_TRIANGLES, 0, 6);

        glBindFramebuffer(GL_DRAW_FRAMEBUFFER, plain);
        glBlitFramebuffer(0, 0, Side, Side, 0, 0, Side, Side, GL_COLOR_BUFFER_BIT, GL_NEAREST);
        glBindFramebuffer(GL_READ_FRAMEBUFFER, plain);
        glReadPixels(0, 0, Side, Side, GL_RGB, GL_UNSIGNED_BYTE, rgb.data());
    };
    printf("%.6g\n", seconds_per_frame((int)scenes.size() < 8 ? (int)scenes.size() : 8, draw));
    if (count > 4) draw(1), write_ppm(arguments[4], rgb.data(), Side, true);
}
