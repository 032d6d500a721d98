//! Values of other parameters, and texts that people type.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_wire::fuzzing::values(input));
