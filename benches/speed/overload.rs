//! More than can be done: refreshes at five times the rate that the server reaches, and refreshes while the queue of passwords is
//! full. What counts is what is still of use: answers that come while somebody waits for them.

use std::time::Duration;

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::child::{Child, Job};
use crate::database::Place;
use crate::load;
use crate::paced::{Pace, Seen, run};
use crate::rows::{refreshing, signing_in};
use crate::sources::List;
use crate::world::{Counts, World};
use crate::{Settings, progress};

/// Both reports.
#[derive(Clone, Debug)]
pub struct Overload {
    /// Refreshes in a second at the load that fits.
    pub peak_per_s: f64,
    /// Useful ones in a second at five times that.
    pub useful_per_s: f64,
    /// What came of it.
    pub seen: Seen,
    /// Connections at once.
    pub connections: usize,
    /// Resident memory of the server before and after, MiB.
    pub resident_mib: (f64, f64),
    /// Answers of another status once it is over.
    pub failed_after: usize,
    /// Milliseconds in which 99 % of refreshes are answered at half the peak: alone, and while passwords queue up.
    pub p99_ms: (f64, f64),
    /// Refreshes a second in the second.
    pub flooded_per_s: f64,
    /// What came of the sign-ins.
    pub sign_ins: Seen,
}

impl Overload {
    /// A line each.
    pub fn lines(&self) -> Vec<String> {
        let part = self.useful_per_s / self.peak_per_s.max(1.0);
        let ratio = self.p99_ms.1 / self.p99_ms.0.max(f64::EPSILON);
        let reached = |is| if is { "reached" } else { "missed" };
        vec![
            format!(
                "overload: refreshes at {TIMES} times the peak of {:.0}/s, {} connections: {:.0} useful answers/s, {:.0} % of the peak, target 80 %: {}; p99 of them {:.0} ms, {} told to come back, {} too late, {} closed, {} failed, {} afterwards",
                self.peak_per_s,
                self.connections,
                self.useful_per_s,
                part * 100.0,
                reached(part >= 0.8),
                self.seen.p99_ms(),
                self.seen.shed,
                self.seen.late,
                self.seen.closed,
                self.seen.other,
                self.failed_after,
            ),
            format!(
                "overload, resident memory: {:.1} MiB before, {:.1} after, target 300: {}",
                self.resident_mib.0,
                self.resident_mib.1,
                reached(self.resident_mib.1 <= 300.0)
            ),
            format!(
                "sign-in flood: p99 of refreshes at half the peak {:.2} ms, {:.2} while the queue of passwords is full ({:.0}/s; {} signed in, {} told to come back): {ratio:.2} times, target 2: {}",
                self.p99_ms.0,
                self.p99_ms.1,
                self.flooded_per_s,
                self.sign_ins.useful_us.len() + self.sign_ins.late,
                self.sign_ins.shed,
                reached(ratio <= 2.0)
            ),
        ]
    }
}

/// As many descriptors as the system lets this process have, for it and its children.
pub fn allow_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let most = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
    // Refused, there are fewer connections: the report says how many.
    let _as_before = setrlimit(Resource::Nofile, most);
}

/// Measure both on SQLite.
pub async fn measure(settings: &Settings) -> Overload {
    let place = Place::sqlite("overload");
    let world = World::make(&place, Counts { codes: 0, grants: 2 * CROWD, jwts: 0 }).await;
    let mut server = Child::spawn(&Job::Server(place.clone()));
    let port = server.port();
    let sources = refreshing(&world, world.grants.clone());
    let long = settings.round * 5;

    progress("overload: the peak");
    let warm = load::run(&mut server, sources(settings.connections * 4), settings.round, 200).await;
    let mut peak = warm;
    for _ in 0..settings.rounds.min(3) {
        let round = load::run(&mut server, sources(settings.connections * 4), long, 200).await;
        peak = if round.per_s > peak.per_s { round } else { peak };
    }

    let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(1024);
    let crowd = CROWD.min(usize::try_from(descriptors / 2).unwrap_or(CROWD));
    progress(&format!("overload: {crowd} connections at {TIMES} times {:.0}/s", peak.per_s));
    let before = mib(&mut server);
    let pace = Pace {
        per_s: TIMES * peak.per_s,
        lead_in: LEAD_IN,
        duration: long,
        backs_off: Duration::ZERO,
        patience: PATIENCE,
    };
    // The best of some rounds, as the peak is.
    let mut seen = Seen::default();
    for _ in 0..settings.rounds.min(3) {
        let round = run(port, sources(crowd), 200, pace).await;
        seen = if round.useful_us.len() >= seen.useful_us.len() { round } else { seen };
    }
    let useful_per_s = seen.useful_us.len() as f64 / long.as_secs_f64();
    let after = mib(&mut server);
    let failed_after =
        load::run(&mut server, sources(settings.connections), settings.round, 200).await.failed;

    progress("sign-in flood");
    let half = Pace { per_s: peak.per_s / 2.0, lead_in: Duration::ZERO, ..pace };
    let mut p99_ms = (f64::MAX, f64::MAX);
    let (mut flooded_per_s, mut sign_ins) = (0.0, Seen::default());
    let requests = signing_in(port).await;
    for _ in 0..settings.rounds.min(3) {
        let alone = run(port, sources(settings.connections), 200, half).await;
        p99_ms.0 = p99_ms.0.min(alone.p99_ms());
        let list = List::new(requests.clone(), true);
        let people = (0..FLOOD).map(|_| Box::new(list.clone()) as _).collect();
        let flood = Pace { per_s: 1e6, duration: half.duration + WARM, backs_off: BACKS_OFF, ..half };
        let flood = tokio::spawn(run(port, people, 303, flood));
        tokio::time::sleep(WARM).await;
        let flooded = run(port, sources(settings.connections), 200, half).await;
        if flooded.p99_ms() < p99_ms.1 {
            p99_ms.1 = flooded.p99_ms();
            flooded_per_s = flooded.useful_us.len() as f64 / half.duration.as_secs_f64();
        }
        sign_ins = flood.await.expect("the flood ends in good order");
    }
    server.stop();
    place.remove().await;
    Overload {
        peak_per_s: peak.per_s,
        useful_per_s,
        seen,
        connections: crowd,
        resident_mib: (before, after),
        failed_after,
        p99_ms,
        flooded_per_s,
        sign_ins,
    }
}

fn mib(server: &mut Child) -> f64 {
    server.usage().resident_kib as f64 / 1024.0
}

const TIMES: f64 = 5.0;
/// The peak is measured after a round that is not counted; so is the crowd.
const LEAD_IN: Duration = Duration::from_secs(1);
/// Clients that all ask at once.
const CROWD: usize = 4_000;
/// Browsers that sign in at once: more than may wait for a password thread.
const FLOOD: usize = 128;
/// How long one of them waits when it is told to come back.
const BACKS_OFF: Duration = Duration::from_millis(200);
/// Until the queue is full.
const WARM: Duration = Duration::from_millis(200);
/// Later, whoever asked has turned away.
const PATIENCE: Duration = Duration::from_secs(2);
