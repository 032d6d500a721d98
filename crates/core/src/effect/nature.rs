//! What an effect is like: whether it may wait, and whether it is still committed when the disk is full.

use super::Effect;
use crate::model::{Event, EventKind, TicketKind};

impl Effect {
    /// Whether it may be written a moment after the answer: that a client was refused, so that a stranger makes no disk write and
    /// a client that exists takes no longer than one that does not; that an old secret of an installation was used; and the event of a token that needs no row, unless that
    /// shall be durable.
    pub fn is_deferrable(&self, durable_tokens: bool) -> bool {
        matches!(self, Self::Record(event) if match event.kind {
            EventKind::ClientRefused | EventKind::InstallationRefused | EventKind::InstallationSecretOld => true,
            EventKind::ClientToken => !durable_tokens,
            _ => false,
        })
    }

    /// Whether it records that a client got a token.
    pub fn is_of_token(&self) -> bool {
        matches!(self, Self::Record(event) if event.kind == EventKind::ClientToken)
    }

    /// The event that it records.
    pub fn into_event(self) -> Option<Event> {
        if let Self::Record(event) = self { Some(event) } else { None }
    }

    /// Whether it only takes away: such effects still commit when the disk is full, from the ballast. The mark of a token that is
    /// revoked and has no row is one.
    pub fn is_ending(&self) -> bool {
        matches!(self, Self::InsertTicket(ticket) if ticket.kind == TicketKind::RevokedJti)
            || self.tells()
            || matches!(
                self,
                Self::EndTicket { .. }
                    | Self::EndTicketsOf { .. }
                    | Self::EndGrant { .. }
                    | Self::EndConsent { .. }
                    | Self::EndSession { .. }
                    | Self::EndSessionsOf { .. }
                    | Self::EndBefore { .. }
                    | Self::RemoveApi(..)
                    | Self::RemoveClient(..)
                    | Self::RemoveContext { .. }
                    | Self::RemoveCredential(_)
                    | Self::RemoveExtension(..)
                    | Self::RetireInstallationSecret { .. }
                    | Self::AbortWebhooks { .. }
                    | Self::ForgetInstallationSecrets(..)
                    | Self::EndInstallationSecrets { .. }
                    | Self::RemoveIssuer(..)
                    | Self::RemoveKey(..)
                    | Self::RemoveMembership(..)
                    | Self::RemoveRole(..)
                    | Self::RemoveSecret(..)
                    | Self::RemoveUser(..)
                    | Self::Unassign { .. }
                    | Self::Guard(_)
            )
    }

    /// Whether it only tells of what else is done: by itself it ends nothing.
    pub const fn tells(&self) -> bool {
        matches!(self, Self::Record(_) | Self::QueueMail(_) | Self::QueueWebhook(_))
    }
}
