-- Issuers of a tenant are listed by id, page by page.
DROP INDEX issuers_by_tenant;
CREATE INDEX issuers_by_tenant ON issuers (tenant, id);

-- Invitations that nobody has used yet are listed and called back.
CREATE INDEX tickets_invited ON tickets (tenant, key) WHERE kind = 'invitation';

-- Texts are ordered by their bytes, whatever language the database was made for: names are searched by their beginning, and
-- lists go on after an id. All of them, because texts of two orders cannot be compared.
DO $$
DECLARE
    found RECORD;
BEGIN
    FOR found IN
        SELECT columns.table_name, columns.column_name
        FROM information_schema.columns
        JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND data_type = 'text'
    LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I TYPE TEXT COLLATE "C"', found.table_name, found.column_name);
    END LOOP;
END
$$;
