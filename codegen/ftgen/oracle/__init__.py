# SPDX-License-Identifier: Apache-2.0
"""The oracle: a second codec, slow and plain, that reads the schema each time instead of being generated from it.

    codec = Codec(protocol, version=1)
    frame = codec.decode_frame(data)                # Frame, or a Refused: code, JSON path, byte
    codec.encode_frame(frame.envelope)              # canonical bytes, or a Refused
    codec.validate_frame(frame.envelope)            # the first broken rule, or None
    codec.decode("Snapshot", b'{"xmin": 1}')        # the same for any declared type: decode, encode, validate

It makes the vectors, and the generated code is held against it. Values are plain (ftgen/oracle/values.py). It decodes
at one version a Protocol that may have more: what that version does not have holds what is read in its absence. Not
modelled: the memory budget of a decode, the caps of phases, the gate's verdict, and printing (nothing here hides a
secret).
"""
from ftgen.oracle.codec import HEADER, Codec, Frame
from ftgen.oracle.values import Raw, Refused, Tagged

__all__ = ["HEADER", "Codec", "Frame", "Raw", "Refused", "Tagged"]
