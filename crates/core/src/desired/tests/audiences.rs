//! Audiences: each is one extension's. Whoever only looks at `aud` is not told of somebody else's pages.

use serde_json::{Value, json};

use super::extensions::{extension, only, places, world};

const BACK: &str = "https://back.example";

fn manifest(audiences: &[&str]) -> Value {
    json!({ "name": "F", "scopes": [{ "name": "openid" }], "audiences": audiences })
}

/// An extension beside `e`, which `team/x` makes.
fn other(maker: &str, manifest: Value) -> Value {
    only("extensions", json!([{ "id": "f", "contributor": maker, "manifest": manifest }]))
}

fn has_audiences(audiences: &[&str]) -> Value {
    extension(|wish| wish["manifest"]["audiences"] = json!(audiences))
}

#[test]
fn an_audience_is_one_extensions() {
    let mut world = world();
    world.apply(has_audiences(&[BACK]), false).unwrap();
    let at = |member: &str| format!("tenants[t].extensions[f].{member}.audiences[{BACK}]");
    // Whoever makes the other: it may be the same.
    for maker in ["project/p", "team/x"] {
        assert_eq!(places(world.apply(other(maker, manifest(&[BACK])), false)), [at("manifest")]);
    }
    let mut proposes = other("project/p", manifest(&[]));
    proposes["tenants"][0]["extensions"][0]["proposed"] = manifest(&[BACK]);
    assert_eq!(places(world.apply(proposes, false)), [at("proposed")]);
    let again = |wish: &mut Value| {
        wish["manifest"]["audiences"] = json!([BACK]);
        wish["manifest"]["name"] = json!("Again");
    };
    world.apply(extension(again), false).unwrap();
    // What has the name first keeps it.
    let api = json!([{ "id": BACK, "scopes": [] }]);
    let told = places(world.apply(only("apis", api), false));
    assert_eq!(told, [format!("tenants[t].apis[{BACK}].id")]);
    let issuer = json!([{ "id": "second", "url": BACK }]);
    let told = places(world.apply(only("issuers", issuer), false));
    assert_eq!(told, ["tenants[t].issuers[second].url"]);
    let twice = places(world.apply(has_audiences(&[BACK, BACK]), false));
    assert_eq!(twice, [format!("tenants[t].extensions[e].manifest.audiences[{BACK}]")]);
}

/// Whoever only proposes keeps nobody from a name; what is proposed is looked at again when it is taken over.
#[test]
fn what_is_proposed_holds_no_audience() {
    let mut world = world();
    let mut proposes = other("project/p", manifest(&[]));
    proposes["tenants"][0]["extensions"][0]["proposed"] = manifest(&[BACK]);
    world.apply(proposes.clone(), false).unwrap();
    world.apply(has_audiences(&[BACK]), false).unwrap();
    let taken_over = places(world.apply(other("project/p", manifest(&[BACK])), false));
    assert_eq!(taken_over, [format!("tenants[t].extensions[f].manifest.audiences[{BACK}]")]);
    world.apply(has_audiences(&[]), false).unwrap();
    world.apply(only("apis", json!([{ "id": BACK, "scopes": [] }])), false).unwrap();
    let taken_over = places(world.apply(other("project/p", manifest(&[BACK])), false));
    assert_eq!(taken_over, [format!("tenants[t].extensions[f].manifest.audiences[{BACK}]")]);
}

#[test]
fn two_of_one_document_do_not_share_an_audience() {
    let mut world = world();
    let wish = |audiences: [&str; 2]| {
        let both = [("f", audiences[0]), ("g", audiences[1])];
        let of =
            |(id, audience)| json!({ "id": id, "contributor": "team/x", "manifest": manifest(&[audience]) });
        only("extensions", json!(both.map(of)))
    };
    let at = |id: &str| format!("tenants[t].extensions[{id}].manifest.audiences[{BACK}]");
    assert_eq!(places(world.apply(wish([BACK, BACK]), false)), [at("f"), at("g")]);
    world.apply(wish([BACK, "https://front.example"]), false).unwrap();
}

#[test]
fn extensions_swap_audiences_in_one_document() {
    let mut world = world();
    let (front, back) = ("https://front.example", BACK);
    world.apply(has_audiences(&[back]), false).unwrap();
    world.apply(other("project/p", manifest(&[front])), false).unwrap();
    let mut both = has_audiences(&[front]);
    let other = other("project/p", manifest(&[back]))["tenants"][0]["extensions"][0].take();
    both["tenants"][0]["extensions"].as_array_mut().unwrap().push(other);
    world.apply(both, false).unwrap();
    let has = world.current.tenants[0].extensions.iter().map(|found| found.manifest.audiences.clone());
    assert_eq!(has.collect::<Vec<_>>(), [[front], [back]]);
}
