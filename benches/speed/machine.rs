//! The machine in a line, without its name; and how long its disk takes to say that a write is safe.

use std::io::Write;
use std::time::Instant;

use crate::database::Place;

/// Processor, cores, memory, system.
pub fn describe() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let processor = field(&read("/proc/cpuinfo"), "model name");
    let memory: u64 = field(&read("/proc/meminfo"), "MemTotal").trim_end_matches(" kB").parse().unwrap_or(0);
    let system = field(&read("/etc/os-release").replace('=', ":"), "PRETTY_NAME").replace('"', "");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{processor}, {cores} cores, {} GiB, {system}", memory.div_ceil(1 << 20))
}

/// Milliseconds of one fdatasync, the median of fifty.
pub fn sync_ms() -> f64 {
    let place = Place::sqlite("sync");
    let path = std::path::PathBuf::from(place.url()).join("probe");
    let mut file = std::fs::File::create(&path).expect("a file can be made");
    let mut taken = Vec::new();
    for _ in 0..50 {
        file.write_all(&[0; 4096]).expect("a file can be written");
        let began = Instant::now();
        file.sync_data().expect("a file can be synced");
        taken.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let _gone = std::fs::remove_dir_all(place.url());
    crate::stats::Spread::of(&taken).median
}
