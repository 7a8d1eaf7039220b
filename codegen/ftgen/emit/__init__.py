# SPDX-License-Identifier: Apache-2.0
"""The outputs of the generator. An emitter is a module with `emit(protocol) -> {path below generated/: text}`; it stands on its
own lowering and its own templates, and on no other emitter."""
from ftgen.emit import cpp

EMITTERS = (cpp,)
