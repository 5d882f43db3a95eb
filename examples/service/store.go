package main

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// A Token is a row of a bearer token. The token itself is not stored.
type Token struct {
	ID               string            // the part before the dot; not a secret
	Hash             [sha256.Size]byte // SHA-256 of the whole token
	Team             contact.ID
	Scopes           []string
	Created, Expires time.Time // a zero Expires is never
}

// The team of a request is in its context.
type teamKey struct{}

func withTeam(ctx context.Context, team contact.ID) context.Context {
	return context.WithValue(ctx, teamKey{}, team)
}

func teamOf(ctx context.Context) contact.ID {
	team, _ := ctx.Value(teamKey{}).(contact.ID)
	return team // of nobody if there is none
}

var errQuota = contact.NewServiceError(429, "too_many_keys", "Too many idempotency keys",
	"Wait until keys of the last 24 hours are forgotten, or send no key.")

// errLostRace reports that another writer changed a row between reading and writing.
var errLostRace = errors.New("another writer came first")

const (
	maxAttempts     = 8        // of an update that loses races
	defaultKeyBytes = 64 << 20 // of the remembered answers of one team
	rowBytes        = 200      // of an answer besides its document
	sweepBatch      = 500      // rows: a batch takes a connection for milliseconds
	groupLimit      = 64       // updates that SQLite commits together
)

// sqlStore is a contacthttp.Store on SQLite or PostgreSQL.
type sqlStore struct {
	db       *sql.DB // writes, and on PostgreSQL reads
	reads    *sql.DB // db itself but for a SQLite file, whose readers do not wait for its writer
	dialect  goose.Dialect
	now      func() time.Time
	keyBytes int64 // quota of each team

	// Every queue but the last is by team, so that nobody waits for another team's requests: one
	// update of a contact at a time, half of the connections for one team, and all connections.
	contacts lanes[[2]contact.ID]
	teams    lanes[contact.ID]
	all      lanes[struct{}]

	group chan *update // to the one writer of SQLite; nil on PostgreSQL
	stop  chan struct{}

	mu    sync.Mutex
	usage map[contact.ID]int64 // bytes of answers by team: counted by Sweep, and what came since
	swept time.Time
}

func newStore(db, reads *sql.DB, dialect goose.Dialect, connections int) *sqlStore {
	s := &sqlStore{
		db: db, reads: reads, dialect: dialect, now: time.Now, keyBytes: defaultKeyBytes,
		contacts: lanes[[2]contact.ID]{width: 1, queue: 64},
		teams:    lanes[contact.ID]{width: max(1, connections/2), queue: 256},
		all:      lanes[struct{}]{width: connections, queue: 4096},
		stop:     make(chan struct{}),
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if dialect == goose.DialectSQLite3 {
		db.SetMaxOpenConns(1) // one writer at a time, which then never waits for its own file lock
		s.contacts.width, s.teams.width = groupLimit, groupLimit
		s.all.width = 2 * groupLimit
		s.group = make(chan *update)
		go s.writeGroups()
	}
	return s
}

func (s *sqlStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.stop:
	default:
		close(s.stop)
	}
	return errors.Join(s.db.Close(), s.reads.Close())
}

// enter waits for a team's turn at a connection.
func (s *sqlStore) enter(ctx context.Context, team contact.ID) (leave func(), err error) {
	leaveTeam, err := s.teams.enter(ctx, team)
	if err != nil {
		return nil, err
	}
	leaveAll, err := s.all.enter(ctx, struct{}{})
	if err != nil {
		leaveTeam()
		return nil, err
	}
	return func() { leaveAll(); leaveTeam() }, nil
}

// unavailable marks an error of the database: the request may be sent again.
func unavailable(err error) error {
	var one contact.Error
	var refused contact.Errors
	switch {
	case err == nil, errors.As(err, &one), errors.As(err, &refused), errors.Is(err, contacthttp.ErrNotFound), errors.Is(err, context.Canceled):
		return err
	}
	return fmt.Errorf("%w: %w", contacthttp.ErrUnavailable, err)
}

// Load implements contacthttp.Store.
func (s *sqlStore) Load(ctx context.Context, id contact.ID) (document []byte, err error) {
	team := teamOf(ctx)
	leave, err := s.enter(ctx, team)
	if err != nil {
		return nil, err
	}
	defer leave()
	err = s.reads.QueryRowContext(ctx, `SELECT body FROM contacts WHERE id = $1 AND team_id = $2`, id.String(), team.String()).Scan(&document)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, contacthttp.ErrNotFound
	}
	return document, unavailable(err)
}

// An update is a call of Update.
type update struct {
	ctx   context.Context
	team  contact.ID
	id    contact.ID
	key   string
	merge contacthttp.MergeFunc
	now   time.Time
	done  chan error // for the writer of groups
	bytes int64      // of the answer that was stored
}

// Update implements contacthttp.Store.
func (s *sqlStore) Update(ctx context.Context, id contact.ID, key string, merge contacthttp.MergeFunc) error {
	u := &update{ctx: ctx, team: teamOf(ctx), id: id, key: key, merge: merge, now: s.now()}
	leave, err := s.contacts.enter(ctx, [2]contact.ID{u.team, id})
	if err != nil {
		return err
	}
	defer leave()
	done, err := s.enter(ctx, u.team)
	if err != nil {
		return err
	}
	defer done()
	if s.group != nil {
		err = s.join(u)
	} else {
		err = s.attempt(ctx, s.db, u)
		for n := 1; n < maxAttempts && lostRace(err); n++ {
			err = s.attemptLocked(ctx, u)
		}
	}
	if err == nil {
		s.mu.Lock()
		if s.usage != nil {
			s.usage[u.team] += u.bytes
		}
		s.mu.Unlock()
	}
	return updateError(err)
}

// A runner is a *sql.DB or a *sql.Tx.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// attempt reads, merges and writes, in two statements. The second writes only if the contact is still
// the one that was read, and locks its row first.
func (s *sqlStore) attempt(ctx context.Context, db runner, u *update) error {
	var stored contacthttp.Stored
	var version int64
	var hash, packed []byte
	u.bytes = 0
	err := db.QueryRowContext(ctx, `SELECT c.body, c.updated_at, a.request_hash, a.document FROM contacts c
		LEFT JOIN answers a ON a.contact_id = c.id AND a.idempotency_key = $3 AND a.expires_at > $4
		WHERE c.id = $1 AND c.team_id = $2`, u.id.String(), u.team.String(), u.key, u.now.UnixMicro()).
		Scan(&stored.Document, &version, &hash, &packed)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return contacthttp.ErrNotFound
	case err != nil:
		return err
	case hash != nil:
		answer := contacthttp.Answer{RequestHash: [sha256.Size]byte(hash)}
		if answer.Document, err = unpack(packed); err != nil {
			return err
		}
		stored.Answer = &answer
	case u.key != "" && s.overQuota(u.team):
		return errQuota
	}
	r, err := u.merge(stored)
	if err != nil {
		return &mergeError{err}
	}
	if r.Changed == 0 && r.Key == "" || u.ctx.Err() != nil {
		return u.ctx.Err()
	}
	change := []any{u.id.String(), version, string(r.Document), r.Version.UnixMicro()}
	if r.Key == "" {
		return one(db.ExecContext(ctx, updateContact, change...))
	}
	packed = pack(r.Document)
	u.bytes = int64(len(packed) + rowBytes)
	answer := []any{u.id.String(), r.Key, u.team.String(), r.RequestHash[:], packed, u.bytes, u.now.Add(keyLife).UnixMicro(), u.now.UnixMicro()}
	switch {
	case s.group == nil && r.Changed != 0:
		return one(db.ExecContext(ctx, updateAndRemember, append(answer, change[1:]...)...))
	case r.Changed != 0: // in a transaction that holds SQLite's write lock
		if err := one(db.ExecContext(ctx, updateContact, change...)); err != nil {
			return err
		}
	}
	return one(db.ExecContext(ctx, `INSERT INTO answers (`+answerColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`+replaceExpired, answer...))
}

const (
	lockContact    = `SELECT 1 FROM contacts WHERE id = $1 AND team_id = $2 FOR UPDATE`
	updateContact  = `UPDATE contacts SET body = $3, updated_at = $4 WHERE id = $1 AND updated_at = $2`
	answerColumns  = `contact_id, idempotency_key, team_id, request_hash, document, size, expires_at`
	replaceExpired = ` ON CONFLICT (contact_id, idempotency_key) DO UPDATE SET request_hash = excluded.request_hash,
		document = excluded.document, size = excluded.size, expires_at = excluded.expires_at WHERE answers.expires_at <= $8`
	// One statement for PostgreSQL, and so one round trip and one transaction: it locks the row, if it
	// has the version still, and then does both writes or, for a key that is there by now, none.
	updateAndRemember = `WITH c AS (SELECT id FROM contacts WHERE id = $1 AND updated_at = $9 FOR UPDATE),
		a AS (INSERT INTO answers (` + answerColumns + `)
			SELECT id, $2::text, $3::text, $4::bytea, $5::bytea, $6::bigint, $7::bigint FROM c` + replaceExpired + ` RETURNING 1)
		UPDATE contacts SET body = $10, updated_at = $11 WHERE id IN (SELECT id FROM c) AND EXISTS (SELECT 1 FROM a)`
)

// attemptLocked is attempt for an update that has lost a race on PostgreSQL. It waits for the row first,
// so that it loses no other but for a key.
func (s *sqlStore) attemptLocked(ctx context.Context, u *update) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after the commit this does nothing
	if _, err := tx.ExecContext(ctx, lockContact, u.id.String(), u.team.String()); err != nil {
		return err
	}
	if err := s.attempt(ctx, tx, u); err != nil {
		return err
	}
	return tx.Commit()
}

// A mergeError is an error of the merge, beside those of the database.
type mergeError struct{ error }

func (e *mergeError) Unwrap() error { return e.error }

// updateError returns the merge's error as it is, and marks the database's.
func updateError(err error) error {
	if errors.As(err, new(*mergeError)) {
		return err
	}
	return unavailable(err)
}

// join has an update done by the writer of groups. The writer answers it even if the client has gone.
func (s *sqlStore) join(u *update) error {
	u.done = make(chan error, 1)
	select {
	case s.group <- u:
		return <-u.done
	case <-u.ctx.Done():
		return u.ctx.Err()
	case <-s.stop:
		return sql.ErrConnDone
	}
}

// writeGroups does the updates that have come together in one transaction, so that they share a sync
// of the disk. An update that is refused has written nothing; an error of the database undoes the group.
func (s *sqlStore) writeGroups() {
	for {
		var group []*update
		select {
		case u := <-s.group:
			group = append(group, u)
		case <-s.stop:
			return
		}
		runtime.Gosched() // lets others who are ready join
		for more := true; more && len(group) < groupLimit; {
			select {
			case u := <-s.group:
				group = append(group, u)
			default:
				more = false
			}
		}
		for i, err := range s.writeGroup(group) {
			group[i].done <- err
		}
	}
}

func (s *sqlStore) writeGroup(group []*update) []error {
	errs := make([]error, len(group))
	failAll := func(err error) []error {
		for i := range errs {
			if !errors.As(errs[i], new(*mergeError)) {
				errs[i] = err
			}
		}
		return errs
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return failAll(err)
	}
	defer tx.Rollback() // after the commit this does nothing
	for i, u := range group {
		if errs[i] = u.ctx.Err(); errs[i] == nil {
			errs[i] = recovered(func() error { return s.attempt(ctx, tx, u) })
		}
		if err := errs[i]; isDatabases(err) {
			return failAll(err)
		}
	}
	if err := tx.Commit(); err != nil {
		return failAll(err)
	}
	return errs
}

// isDatabases reports whether an error is of the database, and not an answer to a request.
func isDatabases(err error) bool {
	return err != nil && !errors.As(err, new(*mergeError)) && errors.Is(unavailable(err), contacthttp.ErrUnavailable)
}

// Answers are stored compressed.
var packers = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // it fails for a level that does not exist alone
	return w
}}

func pack(document []byte) []byte {
	var b bytes.Buffer
	w := packers.Get().(*flate.Writer)
	defer packers.Put(w)
	w.Reset(&b)
	w.Write(document) // neither can fail: it is memory
	w.Close()
	return b.Bytes()
}

func unpack(packed []byte) ([]byte, error) {
	document, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return nil, fmt.Errorf("a stored answer cannot be read: %w", err)
	}
	return document, nil
}

// overQuota reports whether a team's answers take all the room that it has. Services beside this one
// are counted once in each Sweep.
func (s *sqlStore) overQuota(team contact.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.usage[team] >= s.keyBytes
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

// lostRace reports whether the same attempt can succeed a moment later.
func lostRace(err error) bool {
	if isBusy(err) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01" // serialization failure, deadlock
	}
	return errors.Is(err, errLostRace)
}

func isBusy(err error) bool {
	const sqliteBusy = 5 // also the low byte of SQLITE_BUSY_SNAPSHOT
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqliteBusy
}

const tokenColumns = `id, hash, team_id, scopes, created_at, expires_at`

// Token returns the token with this public id, or contacthttp.ErrUnauthorized.
func (s *sqlStore) Token(ctx context.Context, id string) (Token, error) {
	leave, err := s.all.enter(ctx, struct{}{})
	if err != nil {
		return Token{}, err
	}
	defer leave()
	t, err := scanToken(s.reads.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE id = $1`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Token{}, contacthttp.ErrUnauthorized
	}
	return t, unavailable(err)
}

func scanToken(scan func(...any) error) (t Token, err error) {
	var hash, team, scopes string
	var created, expires int64
	if err := scan(&t.ID, &hash, &team, &scopes, &created, &expires); err != nil {
		return Token{}, err
	}
	t.Scopes, t.Created = strings.Fields(scopes), time.UnixMicro(created).UTC()
	if expires != 0 {
		t.Expires = time.UnixMicro(expires).UTC()
	}
	if n, err := hex.Decode(t.Hash[:], []byte(hash)); err != nil || n != len(t.Hash) {
		return Token{}, errors.New("a stored token has no SHA-256 hash")
	}
	t.Team, err = contact.ParseID(team)
	return t, err
}

// Tokens returns all tokens, the oldest first.
func (s *sqlStore) Tokens(ctx context.Context) (all []Token, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+tokenColumns+` FROM tokens ORDER BY created_at, id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		t, err := scanToken(rows.Scan)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// Revoke forgets a token, or returns contacthttp.ErrNotFound. The next request with it is refused.
func (s *sqlStore) Revoke(ctx context.Context, id string) error {
	err := one(s.db.ExecContext(ctx, `DELETE FROM tokens WHERE id = $1`, id))
	if errors.Is(err, errLostRace) {
		return contacthttp.ErrNotFound
	}
	return err
}

// Insert stores the contacts and tokens whose ids are not there yet, all or none, and returns how many
// contacts these were. It changes no row: what is there by now may be newer.
func (s *sqlStore) Insert(ctx context.Context, contacts []*contact.Contact, tokens []Token) (inserted int, err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	for _, c := range contacts {
		err := one(tx.ExecContext(ctx, `INSERT INTO contacts (id, team_id, updated_at, body) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING`,
			c.ID.String(), c.TeamID.String(), c.UpdatedAt.UnixMicro(), string(c.AppendJSON(nil))))
		switch {
		case err == nil:
			inserted++
		case !errors.Is(err, errLostRace):
			return 0, err
		}
	}
	for _, t := range tokens {
		expires := int64(0)
		if !t.Expires.IsZero() {
			expires = t.Expires.UnixMicro()
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO tokens (`+tokenColumns+`) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`,
			t.ID, hex.EncodeToString(t.Hash[:]), t.Team.String(), strings.Join(t.Scopes, " "), t.Created.UnixMicro(), expires); err != nil {
			return 0, err
		}
	}
	return inserted, tx.Commit()
}

// Sweep deletes expired answers in batches, so that requests come in between, and counts what the
// answers of each team take. The outer condition is there because a request may renew a key while the
// statement waits for its row.
func (s *sqlStore) Sweep(ctx context.Context) error {
	locked := ""
	if s.group == nil {
		locked = " FOR UPDATE SKIP LOCKED"
	}
	batch := fmt.Sprintf(`DELETE FROM answers WHERE expires_at <= $1 AND (contact_id, idempotency_key) IN (
		SELECT contact_id, idempotency_key FROM answers WHERE expires_at <= $1 LIMIT %d%s)`, sweepBatch, locked)
	for deleted := int64(sweepBatch); deleted == sweepBatch; {
		result, err := s.db.ExecContext(ctx, batch, s.now().UnixMicro())
		if err != nil {
			return err
		}
		if deleted, err = result.RowsAffected(); err != nil {
			return err
		}
	}
	rows, err := s.reads.QueryContext(ctx, `SELECT team_id, sum(size) FROM answers GROUP BY team_id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	usage := map[contact.ID]int64{}
	for rows.Next() {
		var team string
		var size int64
		if err := rows.Scan(&team, &size); err != nil {
			return err
		}
		id, err := contact.ParseID(team)
		if err != nil {
			return err
		}
		usage[id] = size
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.usage, s.swept = usage, time.Now()
	return rows.Err()
}

// Ping reports an error if a request would get no turn at the database, or could not write.
func (s *sqlStore) Ping(ctx context.Context) error {
	leave, err := s.all.enter(ctx, struct{}{})
	if err != nil {
		return err
	}
	defer leave()
	return unavailable(one(s.db.ExecContext(ctx, `UPDATE probe SET at = $1 WHERE id = 1`, s.now().UnixMicro())))
}
