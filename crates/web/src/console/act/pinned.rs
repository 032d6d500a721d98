//! The request of every act, word for word: what its button says is what it does.

use doorward_wire::params::Params;

use super::extending::EXTENDING;
use super::table::{ACTS, BELOW, DOCUMENTS};

#[test]
fn every_act_asks_for_what_its_name_says() {
    let fields = "user=u-1&role.reader=on&role.editor=on&roles=clerk%20chief&permissions=docs%3Aread%0D%0Adocs%3Awrite\
                  &name=Dora&retire_others_s=60&secret=sec_1&way=mail&email=dora%40example.net\
                  &context=project%2Fp&context_roles=guest&number=7&kind=Updated&reason=a%20move";
    let fields = Params::parse_query(fields).unwrap();
    let told = ACTS.iter().chain(BELOW).chain(DOCUMENTS).chain(EXTENDING).map(|act| {
        let request = (act.request)("a/b", &fields);
        let mark = match (act.removes, act.is_dangerous) {
            (true, true) => "removes",
            (false, true) => "warns",
            (false, false) => "asks",
            (true, false) => "wrong",
        };
        let body = request.body.map(|body| format!(" {body}")).unwrap_or_default();
        format!("{} {mark}: {} T{}{body}\n", act.name, request.method, request.path)
    });
    assert_eq!(told.collect::<String>(), REQUESTS);
}

/// `T` is the path of the tenant.
const REQUESTS: &str = r#"user-lock asks: PATCH T/users/a%2Fb {"locked":true}
user-unlock asks: PATCH T/users/a%2Fb {"locked":false}
user-disable warns: PATCH T/users/a%2Fb {"disabled":true}
user-enable asks: PATCH T/users/a%2Fb {"disabled":false}
user-incident warns: POST T/users/a%2Fb/incident {}
user-roles asks: PATCH T/users/a%2Fb {"roles":["reader","editor"]}
user-reset-link asks: POST T/users/a%2Fb/reset-link
user-sign-in-link asks: POST T/users/a%2Fb/sign-in-link
user-require-password asks: POST T/users/a%2Fb/require-password
user-reset-factor warns: DELETE T/users/a%2Fb/second-factor
invite asks: POST T/invitations {"by_mail":true,"contexts":[{"context":"project/p","roles":["guest"]}],"email":"dora@example.net","name":"Dora","roles":["reader","editor"]}
invitation-withdraw removes: DELETE T/invitations/a%2Fb
user-remove removes: DELETE T/users/a%2Fb
client-disable warns: PATCH T/clients/a%2Fb {"disabled":true}
client-enable asks: PATCH T/clients/a%2Fb {"disabled":false}
client-remove removes: DELETE T/clients/a%2Fb
role-permissions asks: PATCH T/roles/a%2Fb {"permissions":["docs:read","docs:write"]}
role-make asks: POST T/roles {"id":"a/b","name":"Dora"}
role-remove removes: DELETE T/roles/a%2Fb
context-disable warns: PATCH T/contexts/a/b {"disabled":true}
context-enable asks: PATCH T/contexts/a/b {"disabled":false}
session-end warns: DELETE T/sessions/a%2Fb
sessions-end warns: DELETE T/users/a%2Fb/sessions
grant-end warns: DELETE T/grants/a%2Fb
consent-end warns: DELETE T/consents/a%2Fb
secret-make asks: POST T/clients/a%2Fb/secrets {"retire_others_s":60}
secret-make-pending asks: POST T/clients/a%2Fb/secrets {"state":"pending"}
secret-activate asks: POST T/clients/a%2Fb/secrets/sec_1/activate {}
member-put asks: PUT T/contexts/a/b/members/u-1 {"roles":["clerk","chief"]}
member-remove warns: DELETE T/contexts/a/b/members/u-1
secret-remove warns: DELETE T/clients/a%2Fb/secrets/sec_1
keys-rotate warns: POST T/keys/rotate {"algorithm":"a/b"}
key-remove warns: DELETE T/keys/a%2Fb
user-edit asks: PUT T/users/a%2Fb
user-make asks: POST T/users
client-edit asks: PUT T/clients/a%2Fb
client-make asks: POST T/clients
api-edit asks: PUT T/apis/a%2Fb
api-make asks: POST T/apis
api-remove removes: DELETE T/apis/a%2Fb
role-edit asks: PUT T/roles/a%2Fb
context-edit asks: PUT T/contexts/a/b
context-make asks: POST T/contexts
context-remove removes: DELETE T/contexts/a/b
issuer-edit asks: PUT T/issuers/a%2Fb
issuer-make asks: POST T/issuers
tenant-edit asks: PUT T
extension-make asks: POST T/extensions
extension-edit asks: PUT T/extensions/a%2Fb
extension-accept asks: POST T/extensions/a%2Fb/manifest/accept
extension-reject asks: POST T/extensions/a%2Fb/manifest/reject
extension-verify asks: POST T/extensions/a%2Fb/verify
extension-publish asks: POST T/extensions/a%2Fb/publish
extension-deprecate asks: POST T/extensions/a%2Fb/deprecate {}
extension-suspend warns: POST T/extensions/a%2Fb/suspend
extension-resume asks: POST T/extensions/a%2Fb/resume
extension-withdraw warns: POST T/extensions/a%2Fb/withdraw
extension-incident warns: POST T/extensions/a%2Fb/incident {}
extension-remove removes: DELETE T/extensions/a%2Fb
installation-make asks: POST T/installations
installation-edit asks: PUT T/installations/a%2Fb
installation-disable warns: POST T/installations/a%2Fb/disable
installation-enable asks: POST T/installations/a%2Fb/enable
installation-suspend warns: POST T/installations/a%2Fb/suspend
installation-resume asks: POST T/installations/a%2Fb/resume
installation-incident warns: POST T/installations/a%2Fb/incident {}
installation-remove removes: DELETE T/installations/a%2Fb
installation-rotate asks: POST T/installations/a%2Fb/secrets {}
installation-rotate-shown asks: POST T/installations/a%2Fb/secrets {"reveal":true}
installation-secret-reveal asks: POST T/installations/a%2Fb/secrets/sec_1/reveal
installation-secret-confirm asks: POST T/installations/a%2Fb/secrets/sec_1/confirm {}
installation-secret-end warns: DELETE T/installations/a%2Fb/secrets/sec_1
webhooks-pause asks: POST T/installations/a%2Fb/webhooks/pause {"reason":"a move"}
webhooks-resume asks: POST T/installations/a%2Fb/webhooks/resume
webhook-try asks: POST T/installations/a%2Fb/webhooks/dry-run {"kind":"Updated"}
webhook-resend asks: POST T/installations/a%2Fb/webhooks/7/resend
webhook-skip warns: POST T/installations/a%2Fb/webhooks/7/skip
"#;
