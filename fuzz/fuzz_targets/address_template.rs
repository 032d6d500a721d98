//! Templates of addresses in manifests.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_core::fuzzing::address_template(input));
