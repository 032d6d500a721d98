//! Bad inputs: what is written into queries, paths and lines. Queries of SCIM and binds of LDAP wait for their surfaces.

use doorward_tests::{Logs, Page};

use super::wire::{Wire, reply};
use super::{Case, page, rows};

rows![fresh si_015, fresh si_016];

/// Assets are a table by name: nothing of a path is a path of a file.
async fn si_015(case: &Case) {
    let wire = Wire::of(case).await;
    for path in [
        "/assets/..%2f..%2fserver.toml",
        "/assets/%2e%2e/",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../etc/passwd",
        "/assets/..%5c..%5cserver.toml",
        "/assets/C:\\server.toml",
        "/assets/C:%5cserver.toml",
        "/assets//etc/passwd",
        "/assets/%00",
        "/assets/",
        "/assets",
    ] {
        let found = reply(&wire.request(&format!("GET {path}"), &[], "").await);
        assert!([400, 404].contains(&found.status), "{path}: {}", found.status);
        assert!(found.status == 404 || path.contains('\\'), "{path}: {}", found.status);
        assert!(!found.body.contains("root:"), "{path}");
    }
}

/// A line of the log is one line, whatever was typed.
async fn si_016(case: &Case) {
    let mark = Logs::mark();
    let name = "alice\n[INFO] fake line of somebody\u{1b}[31mred\r\nanother";
    let browser = case.app.browser();
    let form = Page::of(browser.get("/sign-in").await);
    let fields = [("username", name), ("password", "wrong"), ("action", "sign-in")];
    case.expect(page(200), browser.submit(&form, &fields)).await;
    let agent = [("user-agent", "x\u{85}[INFO] fake line of somebody")];
    case.app.get("/sign-in", &agent).await;
    case.flush().await;
    let logged = Logs::since(mark);
    assert!(!logged.contains('\u{1b}'), "{logged:?}");
    assert!(!logged.lines().any(|line| line.trim_start().starts_with("[INFO] fake")), "{logged:?}");
}
