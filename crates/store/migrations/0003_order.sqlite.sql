-- Issuers of a tenant are listed by id, page by page.
DROP INDEX issuers_by_tenant;
CREATE INDEX issuers_by_tenant ON issuers (tenant, id);
