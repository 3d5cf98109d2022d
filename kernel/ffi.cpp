// The programs as XLA calls them from compiled JAX code (docs/methods/native_kernel.md, "Inside JAX").
#include "film.hpp"
#include "library.hpp"
#include "xla/c_api.h"
#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Buffer {
    double *data;
    const int64_t *dims;
    int64_t rank;
    int64_t last() const { return rank ? dims[rank - 1] : 1; }
    int64_t size() const {
        int64_t n = 1;
        for (int64_t i = 0; i < rank; i++) n *= dims[i];
        return n;
    }
};

// Operands, results and numbers of one call.
struct Call {
    const XLA_FFI_CallFrame &frame;
    int64_t next = 0;

    static Buffer buffer(const void *p) {
        const auto *b = static_cast<const XLA_FFI_Buffer *>(p);
        if (b->dtype != XLA_FFI_DataType_F64) throw std::runtime_error("spinstack: films are computed in 64 bits (jax_enable_x64)");
        return {static_cast<double *>(b->data), b->dims, b->rank};
    }
    Buffer operand() { return buffer(frame.args.args[next++]); }
    Buffer result(int64_t n) const { return buffer(frame.rets.rets[n]); }
    const XLA_FFI_Array *numbers(const char *name) const {
        for (int64_t i = 0; i < frame.attrs.size; i++) {
            const auto *given = frame.attrs.names[i];
            if (std::string(given->ptr, given->len) == name) return static_cast<const XLA_FFI_Array *>(frame.attrs.attrs[i]);
        }
        return nullptr;
    }
    Column column() {
        Buffer b = operand();
        return {b.data, b.last()};
    }
};

// The structure of the film as src/spinstack/circuit/traced.py packs it. Of each column it has the operand in which the
// column lies, that of what is the same for all films or that of what varies, and the line at which it begins.
struct Described {
    Film film{};
    std::vector<Column> columns[KINDS];
    int32_t program, threads;

    Described(const int32_t *p, Call &call) {
        const Column operands[] = {call.column(), call.column()};
        auto at = [&](const int32_t *place) {
            const Column &c = operands[place[0]];
            return Column{c.data + place[1] * c.length, c.length};
        };
        program = *p++, threads = *p++;
        film.positions = *p++, film.magnets = *p++, film.sinks = *p++;
        for (int k = 0; k < KINDS; k++) {
            film.rows[k] = *p++;
            film.magnet_of[k] = p, p += film.rows[k];
            const int32_t count = *p++;
            for (int32_t c = 0; c < count; c++, p += 2) columns[k].push_back(at(p));
            film.columns[k] = columns[k].data();
        }
        film.m = at(p), film.B = at(p + 2), p += 4;
        film.segment_count = *p++, film.segments = p;
    }
};

XLA_FFI_Error *refuse(const XLA_FFI_Api *api, const char *message) {
    XLA_FFI_Error_Create_Args args{};
    args.struct_size = XLA_FFI_Error_Create_Args_STRUCT_SIZE, args.message = message, args.errc = XLA_FFI_Error_Code_INTERNAL;
    return api->XLA_FFI_Error_Create(&args);
}

void run(Call &call, const XLA_FFI_Array &structure) {
    Described d(static_cast<const int32_t *>(structure.data), call);
    auto out = [&](int n) { return call.result(n).data; };
    const int64_t films = call.result(0).last();
    // with numbers asked for, the derivatives of each array stand behind all arrays
    const XLA_FFI_Array *wished = call.numbers("asked");
    const Asked *asked = wished ? static_cast<const Asked *>(wished->data) : nullptr;
    const int64_t count = wished ? int64_t(wished->size / 4) : 0;
    const Film *film = &d.film;
    const int threads = d.threads;
    switch (d.program) {
    case 0:
        if (!asked) return spinstack_sheet(film, 0, films, threads, out(0));
        return spinstack_sheet_jacobian(film, 0, films, threads, asked, count, out(0), out(1));
    case 1: {
        Column along = call.column();
        if (!asked) return spinstack_sheet_slope(film, 0, films, threads, &along, out(0), out(1));
        return spinstack_sheet_slope_jacobian(film, 0, films, threads, asked, count, &along, out(0), out(1), out(2), out(3));
    }
    case 2:
        if (!asked) return spinstack_perpendicular(film, 0, films, threads, out(0));
        return spinstack_perpendicular_jacobian(film, 0, films, threads, asked, count, out(0), out(1));
    case 3: {
        Column E = call.column();
        for (int n = 0; n < 5; n++) std::fill_n(out(n), call.result(n).size(), 0.0);
        if (!asked) return spinstack_faces(film, 0, films, threads, &E, out(0), out(1), out(2), out(3), out(4));
        return spinstack_faces_jacobian(film, 0, films, threads, asked, count, &E, out(0), out(1), out(2), out(3), out(4), out(5), out(6), out(7),
                                        out(8), out(9));
    }
    default: {
        Column fraction = call.column(), lower = call.column(), upper = call.column(), E = call.column();
        if (!asked) return spinstack_inside(film, 0, films, threads, &fraction, &lower, &upper, &E, out(0), out(1), out(2), out(3));
        return spinstack_inside_jacobian(film, 0, films, threads, asked, count, &fraction, &lower, &upper, &E, out(0), out(1), out(2), out(3), out(4),
                                         out(5), out(6), out(7));
    }
    }
}

}  // namespace

EXPORT XLA_FFI_Error *spinstack_traced(XLA_FFI_CallFrame *frame) {
    for (auto *e = frame->extension_start; e; e = e->next)
        if (e->type == XLA_FFI_Extension_Metadata) {
            auto *metadata = reinterpret_cast<XLA_FFI_Metadata_Extension *>(e)->metadata;
            metadata->api_version.major_version = XLA_FFI_API_MAJOR, metadata->api_version.minor_version = XLA_FFI_API_MINOR;
            metadata->traits = 0;
            return nullptr;
        }
    try {
        Call call{*frame};
        const XLA_FFI_Array *structure = call.numbers("structure");
        if (!structure) return refuse(frame->api, "spinstack: no structure of a film was given");
        run(call, *structure);
    } catch (const std::exception &error) {
        return refuse(frame->api, error.what());
    }
    return nullptr;
}
