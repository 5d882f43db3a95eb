package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/partner-contacts/contact"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// Store keeps the contacts, the tokens that reach them, and the answers that a repeated request
// gets again.
//
// An error that is neither one of this service's nor one that Change.Merge returned means that the
// database could not do the work now.
type Store interface {
	// Token returns the token with this public id, or ErrNotFound.
	Token(ctx context.Context, id string) (Token, error)

	// Contact returns a team's contact, or ErrNotFound, also where it is another team's.
	Contact(ctx context.Context, team, id contact.ID) (Document, error)

	// Update makes one change to one contact, all of it or nothing. It returns ErrNotFound,
	// ErrKeyReused, errQuota, errBusy, or what c.Merge returned.
	Update(ctx context.Context, c Change) (Answer, error)

	// Ping tells whether the database serves requests.
	Ping(ctx context.Context) error
}

// Document is a stored contact as it stands, with its version: the updated_at in it.
type Document struct {
	Body    []byte
	Version time.Time
}

// Token is what the store knows of a bearer token: never the token itself.
type Token struct {
	ID               string            // the part before the dot; not a secret
	Hash             [sha256.Size]byte // SHA-256 of the whole token
	Team             contact.ID
	Scopes           []string
	Created, Expires time.Time // a zero Expires is never
}

// Change is one update on its way to the store.
type Change struct {
	Team, ID contact.ID

	// Key is the client's idempotency key, "" for none. Fingerprint tells the request from any
	// other one that carries the same key.
	Key         string
	Fingerprint [sha256.Size]byte
	Now         time.Time // decides which keys have expired
	Expires     time.Time // when this key will

	// Merge returns the new contact for the stored one; changed is false when there is nothing to
	// write. It runs again, on what is there by then, each time another writer came first, so it
	// must keep no state.
	Merge func(stored Document) (merged Document, changed bool, err error)
}

// Answer is the contact after an update.
type Answer struct {
	Document
	Replayed bool // the key was seen before: this is the answer of that time
}

// What a Store can say of a request that it understood.
var (
	ErrNotFound  = newProblem(http.StatusNotFound, "not_found", "Not found", "Check the path: there is nothing here for this token.", "")
	ErrKeyReused = newProblem(http.StatusConflict, "idempotency_conflict", "Idempotency key reused", "Use a new key: this one came with another request.", "Idempotency-Key")
	errQuota     = newProblem(http.StatusTooManyRequests, "too_many_keys", "Too many idempotency keys", "Wait until keys of the last 24 hours are forgotten, or send no key.", "Idempotency-Key")
	errBusy      = newProblem(http.StatusTooManyRequests, "too_many_requests", "Too many requests", "Send fewer requests at once: too many of them wait already.", "")
)

// errLostRace says that another writer came between reading and writing.
var errLostRace = errors.New("another writer came first")

const (
	// maxAttempts bounds how often an update starts again. The second attempt locks the contact
	// first, so that only a key used on two contacts at once, or a database under several
	// services, gets to a third.
	maxAttempts = 5

	// DefaultMaxKeys is how many idempotency keys of a team are remembered at once.
	DefaultMaxKeys = 100_000
	countLife      = 10 * time.Second // how long a count of them is good

	expireBatch = 500 // rows: a batch takes a connection for milliseconds
)

// sqlStore is the Store on database/sql. Every statement is understood by both databases.
type sqlStore struct {
	db      *sql.DB
	dialect goose.Dialect

	// MaxKeys is the quota of idempotency keys for each team.
	MaxKeys int

	// Who uses the database: one update of a contact at a time, so that the others wait for it
	// without a connection; a team's requests on a part of the connections, so that the rest is
	// for the other teams; and as many in all as there are connections. database/sql would hand
	// a free connection to any of those that wait, a lane serves them in order.
	contacts lanes[contact.ID]
	teams    lanes[contact.ID]
	all      lanes[struct{}]

	mu   sync.Mutex
	keys map[contact.ID]keyCount
}

// keyCount is how many keys of a team were remembered a moment ago, with those since then.
type keyCount struct {
	keys int
	at   time.Time
}

func newStore(db *sql.DB, dialect goose.Dialect, connections int) *sqlStore {
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return &sqlStore{
		db:       db,
		dialect:  dialect,
		MaxKeys:  DefaultMaxKeys,
		contacts: lanes[contact.ID]{width: 1, queue: 64},
		teams:    lanes[contact.ID]{width: max(1, connections/2), queue: 256},
		all:      lanes[struct{}]{width: connections, queue: 4096},
	}
}

// turn waits for a connection to be free.
func (s *sqlStore) turn(ctx context.Context) (done func(), err error) {
	return s.all.enter(ctx, struct{}{})
}

// teamTurn is turn for a request of a team.
func (s *sqlStore) teamTurn(ctx context.Context, team contact.ID) (done func(), err error) {
	leave, err := s.teams.enter(ctx, team)
	if err != nil {
		return nil, err
	}
	release, err := s.turn(ctx)
	if err != nil {
		leave()
		return nil, err
	}
	return func() { release(); leave() }, nil
}

const tokenColumns = `id, hash, team_id, scopes, created_at, expires_at`

func (s *sqlStore) Token(ctx context.Context, id string) (Token, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return Token{}, err
	}
	defer done()
	row := s.db.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE id = $1`, id)
	t, err := scanToken(row.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return t, err
}

func scanToken(scan func(...any) error) (t Token, err error) {
	var hash, team, scopes string
	var created, expires int64
	if err := scan(&t.ID, &hash, &team, &scopes, &created, &expires); err != nil {
		return Token{}, err
	}
	t.Scopes = strings.Fields(scopes)
	t.Created = fromMicros(created)
	if expires != 0 {
		t.Expires = fromMicros(expires)
	}
	if n, err := hex.Decode(t.Hash[:], []byte(hash)); err != nil || n != len(t.Hash) {
		return Token{}, errors.New("a stored token has no SHA-256 hash")
	}
	t.Team, err = contact.ParseID(team)
	return t, err
}

func fromMicros(n int64) time.Time { return time.UnixMicro(n).UTC() }

// scanDocument reads a body and an updated_at. No row is ErrNotFound.
func scanDocument(row *sql.Row) (d Document, err error) {
	var version int64
	err = row.Scan(&d.Body, &version)
	if errors.Is(err, sql.ErrNoRows) {
		return Document{}, ErrNotFound
	}
	d.Version = fromMicros(version)
	return d, err
}

func (s *sqlStore) Contact(ctx context.Context, team, id contact.ID) (Document, error) {
	done, err := s.teamTurn(ctx, team)
	if err != nil {
		return Document{}, err
	}
	defer done()
	return scanDocument(s.db.QueryRowContext(ctx,
		`SELECT body, updated_at FROM contacts WHERE id = $1 AND team_id = $2`, id.String(), team.String()))
}

func (s *sqlStore) Update(ctx context.Context, c Change) (Answer, error) {
	leave, err := s.contacts.enter(ctx, c.ID)
	if err != nil {
		return Answer{}, err
	}
	defer leave()
	done, err := s.teamTurn(ctx, c.Team)
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

// try is one attempt at an update: one transaction. Without the lock it reads first and finds a
// lost race by the version when it writes; a writer that lost once takes the row at once instead,
// and waits its turn.
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
	stored, err := scanDocument(tx.QueryRowContext(ctx, read, c.ID.String(), c.Team.String()))
	if err != nil {
		return Answer{}, err
	}
	if c.Key != "" {
		a, err := replay(ctx, tx, c)
		if a.Replayed || err != nil {
			return a, err
		}
		if err := s.checkQuota(ctx, tx, c); err != nil {
			return Answer{}, err
		}
	}

	merged, changed, err := c.Merge(stored)
	if err != nil {
		return Answer{}, err
	}
	if changed {
		err := one(tx.ExecContext(ctx, `UPDATE contacts SET body = $1, updated_at = $2 WHERE id = $3 AND team_id = $4 AND updated_at = $5`,
			string(merged.Body), merged.Version.UnixMicro(), c.ID.String(), c.Team.String(), stored.Version.UnixMicro()))
		if err != nil {
			return Answer{}, err
		}
	}
	if c.Key != "" {
		if err := remember(ctx, tx, c, merged); err != nil {
			return Answer{}, err
		}
	}
	if err := tx.Commit(); err != nil {
		return Answer{}, err
	}
	if c.Key != "" {
		s.countKey(c.Team)
	}
	return Answer{Document: merged}, nil
}

// replay looks for the answer that the key had before.
func replay(ctx context.Context, tx *sql.Tx, c Change) (Answer, error) {
	var before string
	var a Answer
	var version int64
	err := tx.QueryRowContext(ctx, `SELECT a.fingerprint, v.body, v.updated_at FROM answers a
		JOIN versions v ON v.contact_id = a.contact_id AND v.updated_at = a.updated_at
		WHERE a.team_id = $1 AND a.idempotency_key = $2 AND a.expires_at > $3`,
		c.Team.String(), c.Key, c.Now.UnixMicro()).Scan(&before, &a.Body, &version)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Answer{}, nil
	case err != nil:
		return Answer{}, err
	case before != fingerprint(c):
		return Answer{}, ErrKeyReused
	}
	a.Version, a.Replayed = fromMicros(version), true
	return a, nil
}

func fingerprint(c Change) string { return hex.EncodeToString(c.Fingerprint[:]) }

// remember stores the answer under its key, and the version that it is of unless it is there.
func remember(ctx context.Context, tx *sql.Tx, c Change, d Document) error {
	version, expires := d.Version.UnixMicro(), c.Expires.UnixMicro()
	if _, err := tx.ExecContext(ctx, `INSERT INTO versions (contact_id, updated_at, body, expires_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (contact_id, updated_at) DO UPDATE SET expires_at = excluded.expires_at
		WHERE versions.expires_at < excluded.expires_at`,
		c.ID.String(), version, string(d.Body), expires); err != nil {
		return err
	}
	// A record that is there but expired is overwritten; one that is live came from a request with
	// the same key a moment ago.
	return one(tx.ExecContext(ctx, `INSERT INTO answers (team_id, idempotency_key, fingerprint, contact_id, updated_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (team_id, idempotency_key) DO UPDATE
		SET fingerprint = excluded.fingerprint, contact_id = excluded.contact_id,
			updated_at = excluded.updated_at, expires_at = excluded.expires_at
		WHERE answers.expires_at <= $7`,
		c.Team.String(), c.Key, fingerprint(c), c.ID.String(), version, expires, c.Now.UnixMicro()))
}

// checkQuota refuses a new key where the team has too many. The rows are counted at most once in
// countLife for each team; several services may go over the quota by what comes in that time.
func (s *sqlStore) checkQuota(ctx context.Context, tx *sql.Tx, c Change) error {
	s.mu.Lock()
	n, ok := s.keys[c.Team]
	s.mu.Unlock()
	if !ok || time.Since(n.at) > countLife {
		n.at = time.Now()
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM answers WHERE team_id = $1`, c.Team.String()).Scan(&n.keys); err != nil {
			return err
		}
		s.mu.Lock()
		if s.keys == nil || len(s.keys) > 10_000 {
			s.keys = map[contact.ID]keyCount{}
		}
		s.keys[c.Team] = n
		s.mu.Unlock()
	}
	if n.keys >= s.MaxKeys {
		return errQuota
	}
	return nil
}

func (s *sqlStore) countKey(team contact.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, ok := s.keys[team]; ok {
		n.keys++
		s.keys[team] = n
	}
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

// lostRace tells whether the same attempt can succeed a moment later: our own guard said so, or the
// database did.
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

// Put stores contacts and tokens as they are, in the place of those that have the same id.
func (s *sqlStore) Put(ctx context.Context, contacts []*contact.Contact, tokens []Token) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, c := range contacts {
		if _, err := tx.ExecContext(ctx, insertContact+` ON CONFLICT (id) DO UPDATE
			SET team_id = excluded.team_id, updated_at = excluded.updated_at, body = excluded.body`,
			contactRow(c)...); err != nil {
			return err
		}
	}
	for _, t := range tokens {
		expires := int64(0)
		if !t.Expires.IsZero() {
			expires = t.Expires.UnixMicro()
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO tokens (`+tokenColumns+`) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, team_id = excluded.team_id,
			scopes = excluded.scopes, created_at = excluded.created_at, expires_at = excluded.expires_at`,
			t.ID, hex.EncodeToString(t.Hash[:]), t.Team.String(), strings.Join(t.Scopes, " "), t.Created.UnixMicro(), expires); err != nil {
			return err
		}
	}
	return tx.Commit()
}

const insertContact = `INSERT INTO contacts (id, team_id, updated_at, body) VALUES ($1, $2, $3, $4)`

func contactRow(c *contact.Contact) []any {
	return []any{c.ID.String(), c.TeamID.String(), c.UpdatedAt.UnixMicro(), string(c.AppendJSON(nil))}
}

// Import stores new contacts, all of them or, after an error, none. It returns an error where one is
// there already: what it holds by now may be newer.
func (s *sqlStore) Import(ctx context.Context, next func() (*contact.Contact, error)) (n int, err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	for ; ; n++ {
		c, err := next()
		if errors.Is(err, io.EOF) {
			return n, tx.Commit()
		}
		if err != nil {
			return 0, err
		}
		if err := one(tx.ExecContext(ctx, insertContact+` ON CONFLICT (id) DO NOTHING`, contactRow(c)...)); err != nil {
			if errors.Is(err, errLostRace) {
				err = fmt.Errorf("contact %d of the file is in the database already", n+1)
			}
			return 0, err
		}
	}
}

// Tokens returns all tokens, the oldest first.
func (s *sqlStore) Tokens(ctx context.Context) ([]Token, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+tokenColumns+` FROM tokens ORDER BY created_at, id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Token
	for rows.Next() {
		t, err := scanToken(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// Revoke forgets a token, or returns ErrNotFound. The next request with it is refused.
func (s *sqlStore) Revoke(ctx context.Context, id string) error {
	err := one(s.db.ExecContext(ctx, `DELETE FROM tokens WHERE id = $1`, id))
	if errors.Is(err, errLostRace) {
		return ErrNotFound
	}
	return err
}

// Expire forgets the answers whose time is over, in batches, so that requests come in between.
func (s *sqlStore) Expire(ctx context.Context, now time.Time) error {
	for _, t := range []struct{ table, key string }{
		{"answers", "team_id, idempotency_key"}, {"versions", "contact_id, updated_at"},
	} {
		batch := fmt.Sprintf(`DELETE FROM %[1]s WHERE (%[2]s) IN (SELECT %[2]s FROM %[1]s WHERE expires_at <= $1 LIMIT %[3]d)`,
			t.table, t.key, expireBatch)
		for deleted := int64(expireBatch); deleted == expireBatch; {
			var err error
			if deleted, err = s.expireBatch(ctx, batch, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sqlStore) expireBatch(ctx context.Context, statement string, now time.Time) (int64, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	result, err := s.db.ExecContext(ctx, statement, now.UnixMicro())
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Ping waits for a connection and reads a table as requests do, so it fails where these would.
func (s *sqlStore) Ping(ctx context.Context) error {
	done, err := s.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	_, err = s.db.ExecContext(ctx, `SELECT 1 FROM contacts LIMIT 1`)
	return err
}

func (s *sqlStore) Close() error { return s.db.Close() }
