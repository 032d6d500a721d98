-- Issuers of a tenant are listed by id, page by page.
DROP INDEX issuers_by_tenant;
CREATE INDEX issuers_by_tenant ON issuers (tenant, id);

-- Invitations that nobody has used yet are listed and called back.
CREATE INDEX tickets_invited ON tickets (tenant, key) WHERE kind = 'invitation';
