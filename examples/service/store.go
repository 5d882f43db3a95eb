package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // database/sql driver "pgx"
	"github.com/partner-contacts/contact"
	"modernc.org/sqlite" // database/sql driver "sqlite"
)

// Store keeps the contacts, the tokens that reach them, and the answers that
// a repeated request gets again.
//
// An error that is neither one of this file's nor one that Change.Merge
// returned means that the database could not do the work now.
type Store interface {
	// Token returns the token with this public id, or ErrNotFound.
	Token(ctx context.Context, id string) (Token, error)

	// Contact returns the stored JSON of a team's contact, or ErrNotFound,
	// also where the contact is another team's.
	Contact(ctx context.Context, team, id contact.ID) ([]byte, error)

	// Update makes one change to one contact, all of it or nothing. It
	// returns ErrNotFound, ErrKeyReused, or what c.Merge returned.
	Update(ctx context.Context, c Change) (Answer, error)

	// Put stores contacts and tokens as they are, in the place of those
	// that have the same id.
	Put(ctx context.Context, contacts []*contact.Contact, tokens []Token) error

	// Expire forgets the answers whose time is over.
	Expire(ctx context.Context, now time.Time) error

	Ping(ctx context.Context) error
	Close() error
}

// Token is what the store knows of a bearer token: never the token itself.
type Token struct {
	ID     string            // the part before the dot; not a secret
	Hash   [sha256.Size]byte // SHA-256 of the whole token
	Team   contact.ID
	Scopes []string
}

// Change is one update on its way to the store.
type Change struct {
	Team, ID contact.ID

	// Key is the client's idempotency key, "" for none. Fingerprint tells
	// the request from any other one that carries the same key.
	Key         string
	Fingerprint [sha256.Size]byte
	Now         time.Time // decides which keys have expired
	Expires     time.Time // when this key will

	// Merge returns the new contact for the stored one; changed is false
	// when there is nothing to write. It runs again, on what is there by
	// then, each time another writer came first, so it must keep no state.
	Merge func(stored []byte) (merged *contact.Contact, changed bool, err error)
}

// Answer is the contact after an update.
type Answer struct {
	Body     []byte
	Replayed bool // the key was seen before: this is the answer of that time
}

// What a Store can say of a request that it understood.
var (
	ErrNotFound  = &problem{http.StatusNotFound, "not_found", "Not found", "Check the path: there is nothing here for this token.", ""}
	ErrKeyReused = &problem{http.StatusConflict, "idempotency_conflict", "Idempotency key reused", "Use a new key: this one came with another request.", "Idempotency-Key"}
)

// errLostRace says that another writer came between reading and writing.
var errLostRace = errors.New("another writer came first")

// maxAttempts bounds how often an update starts again. The second attempt
// locks the contact first, so that only a key used on two contacts at once,
// or a database under several services, gets to a third.
const maxAttempts = 5

// One schema for both databases. The document is TEXT, not jsonb, which would
// rewrite numbers and refuse \u0000; versions are microseconds since 1970,
// the precision in which the library compares them.
const schemaSQL = `
CREATE TABLE IF NOT EXISTS contacts (
	id         TEXT PRIMARY KEY,
	team_id    TEXT NOT NULL,
	updated_at BIGINT NOT NULL,
	body       TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tokens (
	id      TEXT PRIMARY KEY,
	hash    TEXT NOT NULL,
	team_id TEXT NOT NULL,
	scopes  TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS answers (
	team_id         TEXT NOT NULL,
	idempotency_key TEXT NOT NULL,
	fingerprint     TEXT NOT NULL,
	body            TEXT NOT NULL,
	expires_at      BIGINT NOT NULL,
	PRIMARY KEY (team_id, idempotency_key)
);
CREATE INDEX IF NOT EXISTS answers_expiry ON answers (expires_at);`

// sqlStore is the Store on database/sql. Every statement is understood by
// both databases.
type sqlStore struct {
	db *sql.DB

	// turns has one place for each connection. database/sql hands a free
	// connection to any of those that wait; a channel serves them in order,
	// so that nobody waits much longer than the others.
	turns chan struct{}
}

// turn waits for a connection to be free.
func (s *sqlStore) turn(ctx context.Context) (done func(), err error) {
	select {
	case s.turns <- struct{}{}:
		return func() { <-s.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// OpenSQLite opens the SQLite database in the file, made if it is not there;
// "" is one in memory that ends with the process.
func OpenSQLite(ctx context.Context, file string) (Store, error) {
	name := ":memory:"
	if file != "" {
		// Contacts are personal data: nobody else reads the file.
		f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
		name = (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath()}).String()
	}
	// synchronous(FULL) syncs the log on every commit: an acknowledged
	// update also survives the machine's power failing. SQLite has one
	// writer at a time, so one connection loses nothing and never waits
	// for a file lock that its own process holds.
	return open(ctx, "sqlite", name+"?_pragma=busy_timeout(2000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)", 1)
}

// OpenPostgres opens the PostgreSQL database at a URL or a list of libpq
// settings.
func OpenPostgres(ctx context.Context, dsn string) (Store, error) {
	return open(ctx, "pgx", dsn, 16)
}

func open(ctx context.Context, driver, dsn string, connections int) (Store, error) {
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if _, err := db.ExecContext(ctx, schemaSQL); err != nil {
		return nil, errors.Join(fmt.Errorf("make the tables: %w", err), db.Close())
	}
	return &sqlStore{db, make(chan struct{}, connections)}, nil
}

func (s *sqlStore) Token(ctx context.Context, id string) (Token, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return Token{}, err
	}
	defer done()
	var hash, team, scopes string
	err = s.db.QueryRowContext(ctx, `SELECT hash, team_id, scopes FROM tokens WHERE id = $1`, id).Scan(&hash, &team, &scopes)
	if errors.Is(err, sql.ErrNoRows) {
		return Token{}, ErrNotFound
	}
	if err != nil {
		return Token{}, err
	}
	t := Token{ID: id, Scopes: strings.Fields(scopes)}
	if n, err := hex.Decode(t.Hash[:], []byte(hash)); err != nil || n != len(t.Hash) {
		return Token{}, errors.New("a stored token has no SHA-256 hash")
	}
	t.Team, err = contact.ParseID(team)
	return t, err
}

func (s *sqlStore) Contact(ctx context.Context, team, id contact.ID) ([]byte, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	var body []byte
	err = s.db.QueryRowContext(ctx, `SELECT body FROM contacts WHERE id = $1 AND team_id = $2`, id.String(), team.String()).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	return body, err
}

func (s *sqlStore) Update(ctx context.Context, c Change) (Answer, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return Answer{}, err
	}
	defer done()
	for attempt := range maxAttempts {
		var a Answer
		if a, err = s.try(ctx, c, attempt > 0); !lostRace(err) {
			return a, err
		}
	}
	return Answer{}, err
}

// try is one attempt at an update: one transaction. Without the lock it reads
// first and finds a lost race by the version when it writes; a writer that
// lost once takes the row at once instead, and waits its turn.
func (s *sqlStore) try(ctx context.Context, c Change, lock bool) (Answer, error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return Answer{}, err
	}
	defer tx.Rollback() // after the commit this does nothing

	read := `SELECT body, updated_at FROM contacts WHERE id = $1 AND team_id = $2`
	if lock {
		read = `UPDATE contacts SET updated_at = updated_at WHERE id = $1 AND team_id = $2 RETURNING body, updated_at`
	}
	var stored []byte
	var version int64
	err = tx.QueryRowContext(ctx, read, c.ID.String(), c.Team.String()).Scan(&stored, &version)
	if errors.Is(err, sql.ErrNoRows) {
		return Answer{}, ErrNotFound
	}
	if err != nil {
		return Answer{}, err
	}

	fingerprint := fmt.Sprintf("%x", c.Fingerprint)
	if c.Key != "" {
		var body []byte
		var before string
		err := tx.QueryRowContext(ctx, `SELECT fingerprint, body FROM answers WHERE team_id = $1 AND idempotency_key = $2 AND expires_at > $3`,
			c.Team.String(), c.Key, c.Now.UnixMicro()).Scan(&before, &body)
		switch {
		case err == nil && before == fingerprint:
			return Answer{body, true}, nil
		case err == nil:
			return Answer{}, ErrKeyReused
		case !errors.Is(err, sql.ErrNoRows):
			return Answer{}, err
		}
	}

	merged, changed, err := c.Merge(stored)
	if err != nil {
		return Answer{}, err
	}
	body := merged.AppendJSON(nil)
	if changed {
		err := one(tx.ExecContext(ctx, `UPDATE contacts SET body = $1, updated_at = $2 WHERE id = $3 AND team_id = $4 AND updated_at = $5`,
			string(body), merged.UpdatedAt.UnixMicro(), c.ID.String(), c.Team.String(), version))
		if err != nil {
			return Answer{}, err
		}
	}
	if c.Key != "" {
		// A record that is there but expired is overwritten; one that is
		// live came from a request with the same key a moment ago.
		err := one(tx.ExecContext(ctx, `INSERT INTO answers (team_id, idempotency_key, fingerprint, body, expires_at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (team_id, idempotency_key) DO UPDATE
			SET fingerprint = excluded.fingerprint, body = excluded.body, expires_at = excluded.expires_at
			WHERE answers.expires_at <= $6`,
			c.Team.String(), c.Key, fingerprint, string(body), c.Expires.UnixMicro(), c.Now.UnixMicro()))
		if err != nil {
			return Answer{}, err
		}
	}
	return Answer{Body: body}, tx.Commit()
}

// one turns a statement that touched no row into a lost race.
func one(r sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return errLostRace
}

// lostRace tells whether the same attempt can succeed a moment later: our own
// guard said so, or the database did.
func lostRace(err error) bool {
	const sqliteBusy = 5 // also the low byte of SQLITE_BUSY_SNAPSHOT
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code()&0xff == sqliteBusy
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01" // serialization failure, deadlock
	}
	return errors.Is(err, errLostRace)
}

func (s *sqlStore) Put(ctx context.Context, contacts []*contact.Contact, tokens []Token) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, c := range contacts {
		if _, err := tx.ExecContext(ctx, `INSERT INTO contacts (id, team_id, updated_at, body) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET team_id = excluded.team_id, updated_at = excluded.updated_at, body = excluded.body`,
			c.ID.String(), c.TeamID.String(), c.UpdatedAt.UnixMicro(), string(c.AppendJSON(nil))); err != nil {
			return err
		}
	}
	for _, t := range tokens {
		if _, err := tx.ExecContext(ctx, `INSERT INTO tokens (id, hash, team_id, scopes) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, team_id = excluded.team_id, scopes = excluded.scopes`,
			t.ID, fmt.Sprintf("%x", t.Hash), t.Team.String(), strings.Join(t.Scopes, " ")); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (s *sqlStore) Expire(ctx context.Context, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM answers WHERE expires_at <= $1`, now.UnixMicro())
	return err
}

func (s *sqlStore) Ping(ctx context.Context) error { return s.db.PingContext(ctx) }

func (s *sqlStore) Close() error { return s.db.Close() }
