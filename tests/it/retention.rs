//! Events are kept as long as their tenant says.

use doorward_core::Effect;
use doorward_core::model::Tenant;
use doorward_tests::{T1, TestApp, WEB};
use doorward_web::worker::forget_events;

#[tokio::test]
async fn events_are_forgotten_when_their_tenant_says_so_and_no_earlier() {
    let app = TestApp::new().await;
    app.tokens(WEB, &[]).await;
    let before = app.events().await.len();
    assert!(before > 2);
    app.advance_s(40 * 86_400);
    forget_events(&app.app).await.expect("events can be forgotten");
    assert_eq!(app.events().await.len(), before, "they are kept for good unless the tenant says otherwise");
    let mut tenant: Tenant = app.store.tenant(&T1.into()).await.expect("readable").expect("there");
    tenant.settings.events_kept_s = Some(30 * 86_400);
    app.store.commit(vec![Effect::PutTenant(tenant)]).await.expect("a tenant can be changed");
    let fresh = app.tokens(WEB, &[]).await;
    assert_eq!(fresh.status, 200);
    let all = app.events().await.len();
    forget_events(&app.app).await.expect("events can be forgotten");
    let left = app.events().await;
    assert_eq!(left.len(), all - before);
    assert!(left.iter().all(|event| event.at.since_ms(app.clock.now()).abs() < 86_400_000));
}
