// The shim between ALE's C++ interface and C: see ale_shim.h for what each function does.
//
// Rainbow's Atari shim, a part of the shared object librainbow_ale.so, which contains the Arcade Learning
// Environment. This file, and that object, are free software: you can redistribute them and/or modify them
// under the terms of the GNU General Public License, version 2, as published by the Free Software Foundation.
// They come WITHOUT ANY WARRANTY, without even the implied warranty of merchantability or fitness for a
// particular purpose. The rest of Rainbow has its own licence.
//
// No exception leaves this file. Inputs that would make ALE call exit() never reach it: unknown files and
// games (the caller checks), unknown settings (only the names below are used), actions outside 0 .. 17
// (checked here).
#include "ale_shim.h"

#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "ale/ale_interface.hpp"

struct rb_ale {
    ale::ALEInterface interface;
    std::string message;
};

namespace
{

// Runs `work`; on an exception, sets the emulator's message and returns `otherwise`.
template <typename Result, typename Work> Result guarded(rb_ale *ale, Result otherwise, Work work) noexcept
{
    try {
        return work();
    } catch (const std::exception &fault) {
        try {
            ale->message = fault.what();
        } catch (...) {
        }
    } catch (...) {
        try {
            ale->message = "unknown exception";
        } catch (...) {
        }
    }
    return otherwise;
}

template <typename List> int copy_out(const List &list, int *out, int most)
{
    int count = 0;
    for (auto value : list) {
        if (count < most) out[count] = static_cast<int>(value);
        count++;
    }
    return count;
}

} // namespace

int rb_ale_abi(void)
{
    return RB_ALE_ABI;
}

const char *rb_ale_version(void)
{
    return ALE_VERSION;
}

rb_ale *rb_ale_create(const char *rom_path, uint32_t seed, char *message, size_t message_bytes)
{
    rb_ale *ale = nullptr;
    try {
        ale::Logger::setMode(ale::Logger::Error);
        ale = new rb_ale;
        ale->interface.setInt("random_seed", static_cast<int>(seed & 0x7fffffffu));
        ale->interface.setFloat("repeat_action_probability", 0.0f);
        ale->interface.setInt("frame_skip", 1);
        ale->interface.setInt("max_num_frames_per_episode", 0);
        ale->interface.loadROM(rom_path);
        return ale;
    } catch (const std::exception &fault) {
        std::snprintf(message, message_bytes, "%s", fault.what());
    } catch (...) {
        std::snprintf(message, message_bytes, "unknown exception");
    }
    delete ale;
    return nullptr;
}

void rb_ale_destroy(rb_ale *ale)
{
    delete ale;
}

const char *rb_ale_message(const rb_ale *ale)
{
    return ale->message.c_str();
}

bool rb_ale_reset(rb_ale *ale)
{
    return guarded(ale, false, [&] {
        ale->interface.reset_game();
        return true;
    });
}

bool rb_ale_act(rb_ale *ale, int action, double *reward)
{
    if (action < 0 || action >= RB_ALE_ACTIONS) return false;
    return guarded(ale, false, [&] {
        *reward += ale->interface.act(static_cast<ale::Action>(action));
        return true;
    });
}

bool rb_ale_over(const rb_ale *ale)
{
    return ale->interface.environment->isGameTerminal();
}

int rb_ale_lives(const rb_ale *ale)
{
    return ale->interface.romSettings->lives();
}

void rb_ale_size(const rb_ale *ale, int *height, int *width)
{
    *height = static_cast<int>(ale->interface.getScreen().height());
    *width = static_cast<int>(ale->interface.getScreen().width());
}

const uint8_t *rb_ale_screen(const rb_ale *ale)
{
    return ale->interface.getScreen().getArray();
}

void rb_ale_palette(const rb_ale *ale, uint8_t *rgb, uint8_t *grey)
{
    auto &palette = ale->interface.theOSystem->colourPalette();
    for (int index = 0; index < 256; index++) {
        int red = 0, green = 0, blue = 0;
        palette.getRGB(index, red, green, blue);
        rgb[3 * index + 0] = static_cast<uint8_t>(red);
        rgb[3 * index + 1] = static_cast<uint8_t>(green);
        rgb[3 * index + 2] = static_cast<uint8_t>(blue);
        grey[index] = palette.getGrayscale(index);
    }
}

void rb_ale_ram(const rb_ale *ale, uint8_t *out)
{
    std::memcpy(out, ale->interface.getRAM().array(), RB_ALE_RAM_BYTES);
}

int rb_ale_actions(const rb_ale *ale, bool minimal, int *out)
{
    return guarded(const_cast<rb_ale *>(ale), 0, [&] {
        return copy_out(minimal ? ale->interface.getMinimalActionSet() : ale->interface.getLegalActionSet(),
                        out, RB_ALE_ACTIONS);
    });
}

int rb_ale_modes(const rb_ale *ale, int *out, int most)
{
    return guarded(const_cast<rb_ale *>(ale), 0,
                   [&] { return copy_out(ale->interface.getAvailableModes(), out, most); });
}

int rb_ale_difficulties(const rb_ale *ale, int *out, int most)
{
    return guarded(const_cast<rb_ale *>(ale), 0,
                   [&] { return copy_out(ale->interface.getAvailableDifficulties(), out, most); });
}

bool rb_ale_set_mode(rb_ale *ale, int mode)
{
    return guarded(ale, false, [&] {
        ale->interface.setMode(static_cast<ale::game_mode_t>(mode));
        return true;
    });
}

bool rb_ale_set_difficulty(rb_ale *ale, int difficulty)
{
    return guarded(ale, false, [&] {
        ale->interface.setDifficulty(static_cast<ale::difficulty_t>(difficulty));
        return true;
    });
}

size_t rb_ale_save(rb_ale *ale, void *out, size_t capacity)
{
    return guarded(ale, size_t{0}, [&] {
        const std::string data = ale->interface.cloneState(true).serialize();
        if (data.size() <= capacity) std::memcpy(out, data.data(), data.size());
        return data.size();
    });
}

bool rb_ale_load(rb_ale *ale, const void *data, size_t bytes)
{
    return guarded(ale, false, [&] {
        ale->interface.restoreState(ale::ALEState(std::string(static_cast<const char *>(data), bytes)));
        return true;
    });
}
