package handlers

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
)

// Documents is a contacthttp.Store on PostgreSQL: a contact's document in one column, its versions in
// another, with idempotency keys and an audit table in the same transaction.
type Documents struct {
	Pool *pgxpool.Pool
	Team func(context.Context) contact.ID // of the caller
}

// CreateTables makes the tables. The type of the document's column is text, json or jsonb; for jsonb
// the handler needs Check: contacthttp.CheckJSONB. Keys and audit entries go with their contact.
func (s *Documents) CreateTables(ctx context.Context, document string) error {
	_, err := s.Pool.Exec(ctx, `
		CREATE TABLE contacts (id uuid PRIMARY KEY, team_id uuid NOT NULL, updated_at timestamptz NOT NULL, document `+document+` NOT NULL);
		CREATE TABLE answers (
			contact_id uuid REFERENCES contacts ON DELETE CASCADE, key text, hash bytea NOT NULL, document text NOT NULL,
			at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (contact_id, key));
		CREATE TABLE audit (
			contact_id uuid REFERENCES contacts ON DELETE CASCADE, at timestamptz NOT NULL, changed text NOT NULL)`)
	return err
}

// Load reads the document of a contact of the caller's team.
func (s *Documents) Load(ctx context.Context, id contact.ID) (document []byte, err error) {
	err = s.Pool.QueryRow(ctx, `SELECT document::text FROM contacts WHERE id = $1 AND team_id = $2`, id, s.Team(ctx)).Scan(&document)
	return document, found(err)
}

// Update runs merge while it holds the row of the contact.
func (s *Documents) Update(ctx context.Context, id contact.ID, key string, merge contacthttp.MergeFunc) error {
	return pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		var stored contacthttp.Stored
		err := tx.QueryRow(ctx, `SELECT document::text FROM contacts WHERE id = $1 AND team_id = $2 FOR UPDATE`,
			id, s.Team(ctx)).Scan(&stored.Document)
		if err != nil {
			return found(err)
		}
		if key != "" {
			var hash []byte
			var answer contacthttp.Answer
			err := tx.QueryRow(ctx, `SELECT hash, document FROM answers WHERE contact_id = $1 AND key = $2`, id, key).
				Scan(&hash, &answer.Document)
			switch copy(answer.RequestHash[:], hash); {
			case err == nil:
				stored.Answer = &answer
			case !errors.Is(err, pgx.ErrNoRows):
				return err
			}
		}
		r, err := merge(stored)
		if err != nil {
			return err
		}
		var batch pgx.Batch // one round trip
		if r.Changed != 0 {
			batch.Queue(`UPDATE contacts SET document = $1, updated_at = $2 WHERE id = $3`, string(r.Document), r.Version, id)
			batch.Queue(`INSERT INTO audit (contact_id, at, changed) VALUES ($1, $2, $3)`, id, time.Now(), r.Changed.String())
		}
		if r.Key != "" {
			batch.Queue(`INSERT INTO answers (contact_id, key, hash, document) VALUES ($1, $2, $3, $4)`,
				id, r.Key, r.RequestHash[:], string(r.Document))
		}
		return tx.SendBatch(ctx, &batch).Close()
	})
}

func found(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return contacthttp.ErrNotFound
	}
	return err
}
