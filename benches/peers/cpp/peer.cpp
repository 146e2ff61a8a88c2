// Networks of dense layers whose sizes are constants: as static loops, or, with -DRTNEURAL, in RTNeural's ModelT.
// Answers `run.py` as common/src/lib.rs says.

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#ifdef RTNEURAL
#include <RTNeural/RTNeural.h>
#endif

static std::string folder;

static std::vector<float> numbers(const std::string& name) {
    std::ifstream file(folder + "/" + name + ".bin", std::ios::binary);
    std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
    std::vector<float> numbers(bytes.size() / sizeof(float));
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(numbers.data()));
    return numbers;
}

#ifdef RTNEURAL
template <int IN, int OUT, bool RELU>
struct Layers {
    RTNeural::DenseT<float, IN, OUT> dense;
    RTNeural::ReLuActivationT<float, OUT> relu;

    void load(const std::string& name) {
        auto kernel = numbers(name + ".kernel"), bias = numbers(name + ".bias");
        std::vector<std::vector<float>> turned(OUT, std::vector<float>(IN));
        for (int i = 0; i < IN; ++i)
            for (int o = 0; o < OUT; ++o) turned[o][i] = kernel[i * OUT + o];
        dense.setWeights(turned);
        dense.setBias(bias.data());
    }

    // Its layers read Eigen's vectors, aligned as it wants them.
    const float* forward(const float* x) {
        dense.forward(Eigen::Map<const Eigen::Matrix<float, IN, 1>>(x));
        if constexpr (!RELU) return dense.outs.data();
        relu.forward(dense.outs);
        return relu.outs.data();
    }
};
#else
template <int IN, int OUT, bool RELU>
struct Layers {
    alignas(64) float kernel[IN][OUT];
    alignas(64) float bias[OUT];
    alignas(64) float y[OUT];

    void load(const std::string& name) {
        auto from = numbers(name + ".kernel"), biases = numbers(name + ".bias");
        std::copy(from.begin(), from.end(), &kernel[0][0]);
        std::copy(biases.begin(), biases.end(), bias);
    }

    // Sums that nothing else can be, so that a compiler may keep them in registers.
    const float* forward(const float* __restrict x) {
        alignas(64) float sums[OUT];
        for (int o = 0; o < OUT; ++o) sums[o] = bias[o];
        for (int i = 0; i < IN; ++i)
            for (int o = 0; o < OUT; ++o) sums[o] += x[i] * kernel[i][o];
        for (int o = 0; o < OUT; ++o) y[o] = RELU && !(sums[o] > 0) ? 0 : sums[o];
        return y;
    }
};
#endif

template <int IN, int FIRST, int SECOND, int OUT>
struct Chain {
    Layers<IN, FIRST, true> first;
    Layers<FIRST, SECOND, true> second;
    Layers<SECOND, OUT, false> third;

    explicit Chain(const std::string& network) {
        first.load(network + ".dense");
        second.load(network + ".dense_1");
        third.load(network + ".dense_2");
    }

    void forward(const float* x, float* z) {
        const float* y = third.forward(second.forward(first.forward(x)));
        std::copy(y, y + OUT, z);
    }
};

struct Fused {
    Layers<32, 8, true> x_1;
    Layers<8, 4, true> x_2;
    Layers<128, 64, true> y_1;
    Layers<64, 32, true> y_2;
    Layers<32, 4, true> y_3;
    Layers<8, 2, true> z_1;
    Layers<2, 1, false> z_2;
    alignas(64) float joined[8];

    Fused() {
        x_1.load("m1.dense"), x_2.load("m1.dense_1"), y_1.load("m1.dense_2"), y_2.load("m1.dense_3");
        y_3.load("m1.dense_4"), z_1.load("m1.dense_5"), z_2.load("m1.dense_6");
    }

    void forward(const float* a, const float* b, float* z) {
        const float* x = x_2.forward(x_1.forward(a));
        const float* y = y_3.forward(y_2.forward(y_1.forward(b)));
        std::copy(x, x + 4, joined);
        std::copy(y, y + 4, joined + 4);
        *z = *z_2.forward(z_1.forward(joined));
    }
};

struct Work {
    std::vector<float> outputs;
    std::function<void(Work&)> run;
};

template <int IN, int OUT, typename Network>
static std::unique_ptr<Work> chain(const std::string& network, int samples) {
    auto model = std::make_shared<Network>(network);
    auto x = numbers(network + ".x");
    auto run = [=](Work& work) {
        for (int s = 0; s < samples; ++s) model->forward(&x[s * IN], &work.outputs[s * OUT]);
    };
    return std::make_unique<Work>(Work{std::vector<float>(samples * OUT), run});
}

static std::unique_ptr<Work> make(const std::string& name) {
    auto at = name.rfind("-b");
    auto network = name.substr(0, at);
    int samples = std::stoi(name.substr(at + 2));
    if (network == "m2") return chain<10, 1, Chain<10, 64, 32, 1>>(network, samples);
    if (network == "m3") return chain<784, 10, Chain<784, 512, 512, 10>>(network, samples);
    if (network != "m1") return nullptr;
    auto model = std::make_shared<Fused>();
    auto a = numbers("m1.a"), b = numbers("m1.b");
    auto run = [=](Work& work) {
        for (int s = 0; s < samples; ++s) model->forward(&a[s * 32], &b[s * 128], &work.outputs[s]);
    };
    return std::make_unique<Work>(Work{std::vector<float>(samples), run});
}

static double now() {
    using namespace std::chrono;
    return duration<double>(steady_clock::now().time_since_epoch()).count();
}

// Nanoseconds of a run, the mean of a slice of time. A fifth of it is spent before: another process was here.
static double time(Work& work, double milliseconds) {
    double slice = milliseconds / 1e3, start = now();
    long runs = 0;
    for (; !runs || now() - start < slice / 5; ++runs) work.run(work);
    runs = std::max(1L, static_cast<long>(slice / ((now() - start) / runs)));
    start = now();
    for (long i = 0; i < runs; ++i) {
        work.run(work);
        asm volatile("" : : "r"(work.outputs.data()) : "memory");
    }
    return (now() - start) / runs * 1e9;
}

int main(int, char** arguments) {
    folder = arguments[1];
    std::vector<std::pair<std::string, std::unique_ptr<Work>>> works;
    for (std::string line; std::getline(std::cin, line);) {
        std::string what, name, rest;
        std::istringstream(line) >> what >> name >> rest;
        Work* work = nullptr;
        for (auto& [known, its] : works)
            if (known == name) work = its.get();
        if (!work) {
            auto made = make(name);
            if (!made) {
                std::cout << "not one of its cases" << std::endl;
                continue;
            }
            work = made.get();
            works.emplace_back(name, std::move(made));
        }
        if (what == "check") {
            work->run(*work);
            std::ofstream file(rest, std::ios::binary);
            file.write(reinterpret_cast<char*>(work->outputs.data()), work->outputs.size() * sizeof(float));
            file.close();
            std::cout << "ok" << std::endl;
        } else {
            std::cout << time(*work, std::stod(rest)) << std::endl;
        }
    }
}
