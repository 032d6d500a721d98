//! From starting the process to its first answer on an existing small database, and its memory before anybody signed in.

use std::time::Instant;

use crate::child::{Child, Job};
use crate::database::Place;
use crate::request::{get, once};
use crate::stats::Spread;
use crate::world::{Counts, World};

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// Milliseconds from the start of the process to its first answer.
    pub ready_ms: Spread,
    /// Resident memory then, MiB.
    pub idle_mib: f64,
}

/// Start it a few times.
pub async fn measure() -> Start {
    let place = Place::sqlite("start");
    World::make(&place, Counts::NONE).await;
    let (mut ready, mut idle_mib) = (Vec::new(), 0.0);
    for _ in 0..STARTS {
        let began = Instant::now();
        let mut server = Child::spawn(&Job::Server(place.clone()));
        let (status, _, _) = once(server.port(), &get("/.well-known/openid-configuration", "")).await;
        ready.push(began.elapsed().as_secs_f64() * 1000.0);
        assert_eq!(status, 200, "discovery");
        idle_mib = server.usage().resident_kib as f64 / 1024.0;
        server.stop();
    }
    place.remove().await;
    Start { ready_ms: Spread::of(&ready), idle_mib }
}

const STARTS: usize = 5;
