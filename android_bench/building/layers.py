"""Which parts of ncnn the runner has: what networks of vision need, on the CPU, in floats."""

from android_bench.building.targets import Target

# Of ncnn's 110 layers; a graph that needs one of these is refused when it is loaded.
DROPPED_LAYERS = (
    *("rnn", "lstm", "gru", "embed"),
    *("convolution1d", "convolutiondepthwise1d", "deconvolution1d", "deconvolutiondepthwise1d"),
    *("convolution3d", "convolutiondepthwise3d", "deconvolution3d", "deconvolutiondepthwise3d"),
    *("pooling1d", "pooling3d", "statisticspooling", "spectrogram", "inversespectrogram"),
    *("proposal", "priorbox", "detectionoutput", "yolodetectionoutput", "yolov3detectionoutput"),
    *("roipooling", "psroipooling", "spp", "argmax", "lrn", "mvn", "bnll", "bias", "reorg"),
    *("quantize", "dequantize", "requantize"),
)

# ncnn's CMake options, without their prefix NCNN_.
SWITCHES = {
    "THREADS": True,
    "RUNTIME_CPU": True,  # one program for every phone: kernels are chosen when it starts
    "DISABLE_RTTI": True,
    "DISABLE_EXCEPTION": True,
    **dict.fromkeys(
        ("SHARED_LIB", "ENABLE_LTO", "VULKAN", "OPENMP", "C_API", "PLATFORM_API", "PYTHON"), False
    ),
    **dict.fromkeys(("BUILD_TOOLS", "BUILD_EXAMPLES", "BUILD_BENCHMARK", "BUILD_TESTS"), False),
    **dict.fromkeys(("PIXEL", "PIXEL_ROTATE", "PIXEL_AFFINE", "PIXEL_DRAWING"), False),
    **dict.fromkeys(("INT8", "BF16", "WEIGHT_QUANT"), False),  # no precision of the runner's
}


def ncnn_options(target: Target) -> tuple[str, ...]:
    """For cmake."""
    switches = {**SWITCHES, **target.switches}
    flags = f"-DCMAKE_CXX_FLAGS_RELEASE=-O3 -DNDEBUG {target.kernel_flags}"
    return (
        *((flags,) if target.kernel_flags else ()),
        *(f"-DNCNN_{name}={'ON' if on else 'OFF'}" for name, on in switches.items()),
        *(f"-DWITH_LAYER_{name}=OFF" for name in DROPPED_LAYERS),
    )
