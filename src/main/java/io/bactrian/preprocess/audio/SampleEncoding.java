package io.bactrian.preprocess.audio;

import java.nio.ByteBuffer;

/** How a WAV file encodes a sample: by a number of bytes in little-endian order. */
enum SampleEncoding {
    UINT8(1) {
        @Override
        float read(ByteBuffer data, int at) {
            return ((data.get(at) & 0xFF) - 128) / 128f;
        }
    },
    INT16(2) {
        @Override
        float read(ByteBuffer data, int at) {
            return data.getShort(at) / 32768f;
        }
    },
    INT24(3) {
        @Override
        float read(ByteBuffer data, int at) {
            int value = (data.get(at + 2) << 16) | (data.getShort(at) & 0xFFFF);
            return value / 8388608f;
        }
    },
    INT32(4) {
        @Override
        float read(ByteBuffer data, int at) {
            return data.getInt(at) * 0x1p-31f;
        }
    },
    FLOAT32(4) {
        @Override
        float read(ByteBuffer data, int at) {
            return data.getFloat(at);
        }
    },
    FLOAT64(8) {
        @Override
        float read(ByteBuffer data, int at) {
            return (float) data.getDouble(at);
        }
    };

    private final int bytes;

    SampleEncoding(int bytes) {
        this.bytes = bytes;
    }

    int bytes() {
        return bytes;
    }

    /** {@return the sample at a position, from -1 to 1 at full amplitude} */
    abstract float read(ByteBuffer data, int at);
}
