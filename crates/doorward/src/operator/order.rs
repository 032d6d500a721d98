//! Orders and their answers, as they travel over the local socket.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use doorward_core::desired::{Change, Kind};
use doorward_core::id::{ContextId, RoleId};
use doorward_web::doctor::Finding;
use doorward_web::manage::import::Told;
use doorward_web::manage::{Explain, Generated, Incident, InvitationRow, KeyRow, Receipt, Wish};

/// What an operator wants.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Make the objects what a document says.
    Apply {
        /// The document, YAML.
        document: String,
        /// Only plan.
        dry_run: bool,
        /// Remove what its lists do not name.
        prune: bool,
    },
    /// Change members of one object.
    Change {
        /// Whose tenant.
        tenant: Option<String>,
        /// What it is.
        kind: Kind,
        /// Which.
        name: String,
        /// Members and their new values; null takes one away.
        set: Map<String, Value>,
    },
    /// Copy the database into a new file beside it.
    Copy {
        /// The file.
        path: String,
    },
    /// Make an object that is not there yet.
    Create {
        /// Whose tenant.
        tenant: Option<String>,
        /// What it is.
        kind: Kind,
        /// The object, as a document has it.
        object: Value,
    },
    /// What is not as it should be.
    Doctor,
    /// End everything of something.
    End {
        /// Of which tenant.
        tenant: Option<String>,
        /// Of what.
        incident: Incident,
        /// How.
        wish: Wish,
    },
    /// What a client, an installation or a token may do, and why not more.
    Explain {
        /// Of which tenant.
        tenant: Option<String>,
        /// What is asked about.
        question: Explain,
    },
    /// Everything as a document.
    Export {
        /// Only of this tenant.
        tenant: Option<String>,
    },
    /// Bring records in, a batch at most.
    Import {
        /// Into this tenant.
        tenant: Option<String>,
        /// The records, one a line.
        records: String,
        /// Only tell what would be done.
        dry_run: bool,
    },
    /// Signing keys.
    Keys {
        /// Only of this tenant.
        tenant: Option<String>,
    },
    /// Objects of a kind.
    List {
        /// Only of this tenant.
        tenant: Option<String>,
        /// What they are.
        kind: Kind,
    },
    /// Remove an object.
    Remove {
        /// Whose tenant.
        tenant: Option<String>,
        /// What it is.
        kind: Kind,
        /// Which.
        name: String,
    },
    /// Withdraw a signing key.
    RemoveKey {
        /// Whose tenant.
        tenant: Option<String>,
        /// Which.
        kid: String,
    },
    /// Take a person's second factor away.
    ResetFactor {
        /// Whose tenant.
        tenant: Option<String>,
        /// Whose factor.
        name: String,
    },
    /// Wrap every data key by the current key-encryption key.
    RewrapKeys {
        /// Put a new one into the key file first.
        new: bool,
    },
    /// Let the next signing keys take over.
    RotateKeys {
        /// Only of this tenant.
        tenant: Option<String>,
        /// Only of this algorithm.
        algorithm: Option<String>,
    },
    /// Do something for a person.
    Help {
        /// Whose tenant.
        tenant: Option<String>,
        /// Who.
        name: String,
        /// What.
        act: Aid,
    },
    /// Invite somebody.
    Invite {
        /// Whose tenant.
        tenant: Option<String>,
        /// Their address.
        email: Option<String>,
        /// Their name.
        name: Option<String>,
        /// Send the link there.
        by_mail: bool,
        /// Roles in the whole tenant.
        roles: BTreeSet<RoleId>,
        /// Contexts, and roles there.
        contexts: Vec<(ContextId, BTreeSet<RoleId>)>,
    },
    /// The invitations that nobody has used yet.
    Invitations {
        /// Only of this tenant.
        tenant: Option<String>,
    },
    /// Call an invitation back.
    WithdrawInvitation {
        /// Whose tenant.
        tenant: Option<String>,
        /// Which.
        id: String,
    },
    /// Make a link for the first administrator.
    SetUpLink {
        /// Whose tenant.
        tenant: Option<String>,
    },
    /// One object.
    Show {
        /// Whose tenant.
        tenant: Option<String>,
        /// What it is.
        kind: Kind,
        /// Which.
        name: String,
    },
}

/// What is done for a person.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aid {
    /// Sign them out everywhere.
    EndSessions,
    /// Let them choose a new password at their next sign-in.
    RequirePassword,
    /// A link by which they choose a new password.
    ResetLink,
    /// A link that signs them in.
    SignInLink,
}

/// What an order is answered with.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// A plan, and whether it was carried out.
    Applied {
        /// What happened, or would, to each object.
        changes: Vec<Change>,
        /// What is worth knowing.
        notes: Vec<String>,
        /// Whether nothing was done.
        dry_run: bool,
        /// Secrets and passwords that were made.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        generated: Vec<Generated>,
    },
    /// The database was copied.
    Copied {
        /// The file.
        path: String,
    },
    /// A document.
    Document {
        /// YAML.
        document: String,
    },
    /// What was ended.
    Ended {
        /// The receipt.
        receipt: Receipt,
    },
    /// What a client, an installation or a token may do, and why not more.
    Explained {
        /// As the admin API tells it.
        explained: Value,
    },
    /// What is not as it should be.
    Findings {
        /// Each with what to do.
        findings: Vec<Finding>,
    },
    /// What became of records.
    Imported {
        /// Each, in their order.
        records: Vec<Told>,
    },
    /// Keys.
    Keys {
        /// Each with its state.
        keys: Vec<KeyRow>,
    },
    /// Somebody was invited.
    Invited {
        /// How, with the link where it was not sent.
        invitation: InvitationRow,
    },
    /// Invitations.
    Invitations {
        /// Those that nobody has used yet.
        invitations: Vec<InvitationRow>,
    },
    /// What was done for a person.
    Helped {
        /// The link, where one was made that was not sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// Until when it works.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<String>,
    },
    /// A link.
    Link {
        /// Where to go.
        url: String,
        /// Until when.
        expires_at: String,
    },
    /// A person's second factor is gone.
    FactorReset {
        /// Whose.
        user_name: String,
        /// Whether there was one.
        had_factor: bool,
    },
    /// Data keys were wrapped anew.
    Rewrapped {
        /// How many were wrapped by another key before.
        rewrapped: u64,
        /// The key file that holds a new key now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new_key_file: Option<String>,
    },
    /// Objects.
    Objects {
        /// What they are.
        kind: Kind,
        /// Each as a document has it, with its tenant, without hashes.
        objects: Vec<Value>,
    },
    /// One object.
    Object {
        /// What it is.
        kind: Kind,
        /// As a document has it, with its tenant.
        object: Value,
    },
}

impl Answer {
    /// With what the command made itself, so that only its hash had to travel. `made` is given the tenant.
    pub fn with_generated(mut self, made: impl FnOnce(String) -> Generated) -> Self {
        if let Self::Applied { changes, generated, .. } = &mut self
            && let Some(change) = changes.first()
        {
            generated.push(made(change.tenant.0.clone()));
        }
        self
    }
}
