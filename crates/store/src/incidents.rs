//! How much hangs on something that is ended in an incident: figures for its receipt.

use doorward_core::id::{ClientId, ExtensionKey, InstallationId, TenantId, UserId};

use crate::statement::{Statement, statements};
use crate::value::Value;
use crate::{Fault, Store};

statements! {
    /// Grants of a person that had not ended.
    pub(crate) GRANTS_OPEN_OF_USER = tenant
        "SELECT COUNT(*) AS found FROM grants
         JOIN users ON users.tenant = grants.tenant AND users.id = grants.user_id
         WHERE grants.tenant = $1 AND grants.user_id = $2 AND grants.ended_at IS NULL AND grants.expires_at > $3
             AND (users.valid_from IS NULL OR grants.created_at >= users.valid_from)";
    /// Grants of a client that had not ended.
    pub(crate) GRANTS_OPEN_OF_CLIENT = tenant
        "SELECT COUNT(*) AS found FROM grants
         WHERE tenant = $1 AND client_id = $2 AND ended_at IS NULL AND expires_at > $3";
    /// Grants of an installation that had not ended.
    pub(crate) GRANTS_OPEN_OF_INSTALLATION = tenant
        "SELECT COUNT(*) AS found FROM grants
         WHERE tenant = $1 AND installation_id = $2 AND ended_at IS NULL AND expires_at > $3";
    /// Installations of an extension that are there.
    pub(crate) INSTALLATIONS_THERE = tenant
        "SELECT COUNT(*) AS found FROM installations WHERE tenant = $1 AND extension_key = $2 AND removed_at IS NULL";
    /// Secrets of an extension's installations that worked.
    pub(crate) INSTALLATION_SECRETS_OPEN = tenant
        "SELECT COUNT(*) AS found FROM installation_secrets
         JOIN installations ON installations.tenant = installation_secrets.tenant
             AND installations.id = installation_secrets.installation_id
         WHERE installation_secrets.tenant = $1 AND installations.extension_key = $2
             AND (installation_secrets.expires_at IS NULL OR installation_secrets.expires_at > $3)";
}

impl Store {
    /// Grants of a person that have not ended.
    pub async fn open_grants_of_user(&self, tenant: &TenantId, user: &UserId) -> Result<i64, Fault> {
        self.figure(&GRANTS_OPEN_OF_USER, tenant, user.as_str().into()).await
    }

    /// Grants of a client that have not ended.
    pub async fn open_grants_of_client(&self, tenant: &TenantId, client: &ClientId) -> Result<i64, Fault> {
        self.figure(&GRANTS_OPEN_OF_CLIENT, tenant, client.as_str().into()).await
    }

    /// Grants of an installation that have not ended.
    pub async fn open_grants_of_installation(
        &self,
        tenant: &TenantId,
        installation: &InstallationId,
    ) -> Result<i64, Fault> {
        self.figure(&GRANTS_OPEN_OF_INSTALLATION, tenant, installation.as_str().into()).await
    }

    /// Installations of an extension that are there.
    pub async fn installations_there(
        &self,
        tenant: &TenantId,
        extension: ExtensionKey,
    ) -> Result<i64, Fault> {
        let params = [tenant.as_str().into(), extension.0.into()];
        Ok(self.one(&INSTALLATIONS_THERE, &params, |row| row.int()).await?.unwrap_or_default())
    }

    /// Secrets of an extension's installations that work.
    pub async fn open_installation_secrets(
        &self,
        tenant: &TenantId,
        extension: ExtensionKey,
    ) -> Result<i64, Fault> {
        self.figure(&INSTALLATION_SECRETS_OPEN, tenant, extension.0.into()).await
    }

    async fn figure(
        &self,
        statement: &'static Statement,
        tenant: &TenantId,
        of: Value,
    ) -> Result<i64, Fault> {
        let params = [tenant.as_str().into(), of, self.now().into()];
        Ok(self.one(statement, &params, |row| row.int()).await?.unwrap_or_default())
    }
}
