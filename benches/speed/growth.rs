//! Growth: the same requests with a thousand live grants and tickets, and with many.

use crate::child::{Child, Job};
use crate::database::Place;
use crate::load;
use crate::rows::{introspect, refreshing};
use crate::sources::List;
use crate::stats::Spread;
use crate::world::{Counts, World};
use crate::{Settings, progress};

/// CPU per request at two sizes.
#[derive(Clone, Debug)]
pub struct Growth {
    /// Live grants and tickets at first.
    pub few: usize,
    /// And then.
    pub many: usize,
    /// By row: with few, with many.
    pub rows: Vec<(&'static str, Spread, Spread)>,
}

/// Measure both on SQLite. Requests go to rows all over the tables.
pub async fn measure(settings: &Settings) -> Growth {
    let place = Place::sqlite("growth");
    let mut world = World::make(&place, Counts { codes: 0, grants: FEW, jwts: 0 }).await;
    let few = cpu(settings, &place, &mut world).await;
    progress(&format!("growth: {} live grants and tickets", settings.grow));
    let store = place.open().await;
    world.add_grants(&store, settings.grow.saturating_sub(FEW)).await;
    drop(store);
    let many = cpu(settings, &place, &mut world).await;
    place.remove().await;
    let rows = few.into_iter().zip(many).map(|((name, few), (_, many))| (name, few, many)).collect();
    Growth { few: FEW, many: world.grants.len(), rows }
}

async fn cpu(settings: &Settings, place: &Place, world: &mut World) -> Vec<(&'static str, Spread)> {
    let mut server = Child::spawn(&Job::Server(place.clone()));
    // Neighbours in time are not asked one after the other.
    let stride = world.opaque.len() * 61 / 100 + 1;
    let spread = |number: usize| number * stride % world.opaque.len();
    let asked = world.opaque.len().min(20_000);
    let list = List::new((0..asked).map(|n| introspect(&world.opaque[spread(n)])).collect(), true);
    let mut grants: Vec<_> = (0..asked).map(|number| world.grants[spread(number)]).collect();
    grants.sort_unstable();
    grants.dedup();
    // Every round presents other grants, so that no generation has to be remembered between the sizes.
    let part = grants.len() / (settings.rounds * 2);
    let (mut introspecting, mut rotating) = (Vec::new(), Vec::new());
    let first = if world.grants.len() > FEW { settings.rounds * part } else { 0 };
    for round in 0..settings.rounds {
        let sources = (0..settings.connections).map(|_| Box::new(list.clone()) as _).collect();
        introspecting.push(load::run(&mut server, sources, settings.round, 200).await.cpu_us);
        let own = grants[first + round * part..first + (round + 1) * part].to_vec();
        let sources = refreshing(world, own)(settings.connections);
        rotating.push(load::run(&mut server, sources, settings.round, 200).await.cpu_us);
    }
    server.stop();
    vec![("introspection, opaque", Spread::of(&introspecting)), ("refresh, ES256", Spread::of(&rotating))]
}

const FEW: usize = 1_000;
