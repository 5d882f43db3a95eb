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
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// A Token is a row of a bearer token. The token itself is not stored. A row is made and deleted, and
// never changed.
type Token struct {
	ID               string            // the part before the dot; not a secret
	Hash             [sha256.Size]byte // SHA-256 of the whole token
	Team             contact.ID
	Scopes           []string
	Created, Expires time.Time // a zero Expires is never
}

// The token of a request is in its context.
type tokenKey struct{}

var errQuota = contact.NewServiceError(429, "too_many_keys", "Too many idempotency keys",
	"Wait until keys of the last 24 hours are forgotten, or send no key.")

// errLostRace reports that another writer changed a row between reading and writing, or holds it.
var errLostRace = errors.New("another writer came first")

const (
	defaultKeyBytes = 64 << 20 // of the remembered answers of one team
	rowBytes        = 200      // of an answer besides its document
	sweepBatch      = 500      // rows: a batch takes a connection for milliseconds
	groupLimit      = 32       // requests that are done together
	longestPause    = 64 * time.Millisecond
)

// sqlStore is a contacthttp.Store on SQLite or PostgreSQL.
type sqlStore struct {
	db       *sql.DB // writes, and on PostgreSQL reads
	reads    *sql.DB // db itself but for a SQLite file, whose readers do not wait for its writer
	dialect  goose.Dialect
	now      func() time.Time
	shards   byte  // lanes of one team, each with a connection
	keyBytes int64 // quota of each team

	remember, change string   // statements of this dialect
	prepared         sync.Map // *sql.Stmt of SQLite, by database and text
	tokens           sync.Map // of the last minute, by id: see Token

	mu      sync.Mutex
	waiting map[lane][]*job
	lost    int                  // jobs that are done once more
	usage   map[contact.ID]int64 // bytes of answers by team: counted by Sweep, and what came since
	swept   time.Time
}

func newStore(db, reads *sql.DB, dialect goose.Dialect, connections int) *sqlStore {
	blob, lock, shards := "BYTEA", "FOR UPDATE OF c SKIP LOCKED", byte(4)
	if dialect == goose.DialectSQLite3 {
		blob, lock, shards = "BLOB", "", 1 // a transaction that writes has the whole file
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return &sqlStore{
		shards: shards,
		db:     db, reads: reads, dialect: dialect, now: time.Now, keyBytes: defaultKeyBytes, waiting: map[lane][]*job{},
		remember: fmt.Sprintf(rememberAnswer, blob, lock), change: fmt.Sprintf(changeContact, lock),
	}
}

// The writes do nothing unless the contact has the version that was read, $2. On PostgreSQL they lock
// its row, and wait for nobody who holds it.
const (
	readAll = `SELECT c.body, c.updated_at, a.request_hash, a.document FROM tokens t
		LEFT JOIN contacts c ON c.id = $2 AND c.team_id = t.team_id
		LEFT JOIN answers a ON a.contact_id = c.id AND a.idempotency_key = $3 AND a.expires_at > $4
		WHERE t.id = $1`
	rememberAnswer = `INSERT INTO answers (contact_id, idempotency_key, team_id, request_hash, document, version, expires_at)
		SELECT c.id, CAST($3 AS TEXT), c.team_id, CAST($4 AS %[1]s), CAST($5 AS %[1]s), CAST($6 AS BIGINT), CAST($7 AS BIGINT)
		FROM contacts c WHERE c.id = $1 AND c.updated_at = $2 %[2]s
		ON CONFLICT (contact_id, idempotency_key) DO UPDATE SET request_hash = excluded.request_hash,
		document = excluded.document, version = excluded.version, expires_at = excluded.expires_at WHERE answers.expires_at <= $8`
	changeContact = `UPDATE contacts SET body = $3, updated_at = $4
		WHERE id = (SELECT c.id FROM contacts c WHERE c.id = $1 AND c.updated_at = $2 %s)`
	// With a key it needs the answer that the statement before has stored: no other has the new
	// version, $4.
	changeKeyed = `UPDATE contacts SET body = $3, updated_at = $4 WHERE id = $1 AND updated_at = $2 AND
		EXISTS (SELECT 1 FROM answers a WHERE a.contact_id = $1 AND a.idempotency_key = $5 AND a.version = $4)`
)

func (s *sqlStore) Close() error { return errors.Join(s.db.Close(), s.reads.Close()) }

// A statement has the columns of its only row read into into, or writes.
type statement struct {
	sql        string
	args, into []any
	rows       int64 // that were written, or read
}

// run does statements in one transaction, which on PostgreSQL is one round trip.
func (s *sqlStore) run(ctx context.Context, db *sql.DB, all ...*statement) error {
	if s.dialect == goose.DialectPostgres {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		return conn.Raw(func(driver any) error { return pipeline(ctx, driver.(*stdlib.Conn).Conn(), all) })
	}
	prepared := make([]*sql.Stmt, len(all)) // before the transaction, which may have the only connection
	for i, st := range all {
		at := [2]any{db, st.sql}
		p, ok := s.prepared.Load(at)
		if !ok {
			made, err := db.PrepareContext(ctx, st.sql)
			if err != nil {
				return err
			}
			p, _ = s.prepared.LoadOrStore(at, made)
		}
		prepared[i] = p.(*sql.Stmt)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after the commit this does nothing
	for i, st := range all {
		if st.into != nil {
			err = st.found(tx.StmtContext(ctx, prepared[i]).QueryRowContext(ctx, st.args...).Scan(st.into...))
		} else {
			var r sql.Result
			if r, err = tx.StmtContext(ctx, prepared[i]).ExecContext(ctx, st.args...); err == nil {
				st.rows, err = r.RowsAffected()
			}
		}
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

func pipeline(ctx context.Context, conn *pgx.Conn, all []*statement) error {
	var batch pgx.Batch
	for _, st := range all {
		queued := batch.Queue(st.sql, st.args...)
		if st.into != nil {
			queued.QueryRow(func(row pgx.Row) error { return st.found(row.Scan(st.into...)) })
		} else {
			queued.Exec(func(tag pgconn.CommandTag) error { st.rows = tag.RowsAffected(); return nil })
		}
	}
	return conn.SendBatch(ctx, &batch).Close()
}

func (st *statement) found(err error) error {
	if errors.Is(err, sql.ErrNoRows) { // pgx.ErrNoRows wraps it
		return nil
	}
	st.rows = 1
	return err
}

// A lane is a queue of requests. Nobody waits for another team's requests, nor a reader for a writer,
// and all requests for a contact are in one lane.
type lane struct {
	team  contact.ID
	shard byte
	write bool
}

// A job is one request for a contact, on its way through a lane.
type job struct {
	ctx   context.Context
	token Token
	id    contact.ID
	key   string
	merge contacthttp.MergeFunc // nil for a reader

	read         *statement
	document     []byte
	version      sql.NullInt64
	hash, packed []byte // of the key's answer
	writes       []*statement
	bytes        int64 // of the answer that was stored
	err          error
	done         chan struct{}
}

// Load implements contacthttp.Store.
func (s *sqlStore) Load(ctx context.Context, id contact.ID) (document []byte, err error) {
	j, err := s.do(ctx, id, "", nil)
	return j.document, err
}

// Update implements contacthttp.Store.
func (s *sqlStore) Update(ctx context.Context, id contact.ID, key string, merge contacthttp.MergeFunc) error {
	_, err := s.do(ctx, id, key, merge)
	return err
}

// do has a job done, and once more as long as others come first.
func (s *sqlStore) do(ctx context.Context, id contact.ID, key string, merge contacthttp.MergeFunc) (*job, error) {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	token, _ := ctx.Value(tokenKey{}).(Token)
	for pause := time.Millisecond; ; pause = min(2*pause, longestPause) {
		j := &job{ctx: ctx, token: token, id: id, key: key, merge: merge, done: make(chan struct{})}
		s.join(lane{token.Team, id[len(id)-1] % s.shards, merge != nil}, j)
		<-j.done // even if the client has gone: the job may be done already
		if !errors.Is(j.err, errLostRace) {
			return j, j.err
		}
		select {
		case <-ctx.Done():
			return j, ctx.Err()
		case <-time.After(rand.N(pause)):
		}
	}
}

// join puts a job into a lane, and has somebody serve it.
func (s *sqlStore) join(l lane, j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting, served := s.waiting[l]
	s.waiting[l] = append(waiting, j)
	if !served {
		go s.serve(l)
	}
}

// serve does the jobs of a lane until there are none. Those that came while others were done are done
// together, but for two updates of one contact: the second has to see the result of the first.
func (s *sqlStore) serve(l lane) {
	for {
		runtime.Gosched() // lets others who are ready join
		s.mu.Lock()
		var group, rest []*job
		changed := map[contact.ID]bool{}
		for _, j := range s.waiting[l] {
			if len(group) == groupLimit || changed[j.id] {
				rest = append(rest, j)
				continue
			}
			changed[j.id] = l.write
			group = append(group, j)
		}
		s.waiting[l] = rest
		if len(group) == 0 {
			delete(s.waiting, l)
		}
		s.mu.Unlock()
		if len(group) == 0 {
			return
		}
		if err := s.together(group); err != nil {
			for _, j := range group {
				j.err = err
			}
		}
		for _, j := range group {
			close(j.done)
		}
	}
}

// together does jobs in two transactions, one that reads and one that writes. Each job has its own
// result, unless the database fails.
func (s *sqlStore) together(group []*job) error {
	ctx, cancel := context.WithTimeout(context.Background(), storeTime)
	defer cancel()
	now := s.now()
	var reads, writes []*statement
	for _, j := range group {
		j.read = &statement{sql: readAll, args: []any{j.token.ID, j.id.String(), j.key, now.UnixMicro()},
			into: []any{&j.document, &j.version, &j.hash, &j.packed}}
		reads = append(reads, j.read)
	}
	if err := s.run(ctx, s.reads, reads...); err != nil {
		return unavailable(err)
	}
	for _, j := range group {
		j.err = recovered(func() error { return s.prepare(j, now) })
		writes = append(writes, j.writes...)
	}
	if len(writes) == 0 {
		return nil
	}
	if err := s.run(ctx, s.db, writes...); err != nil {
		return unavailable(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range group {
		if n := len(j.writes); n > 0 && j.writes[n-1].rows == 0 {
			j.err = errLostRace
			s.lost++
		} else if j.err == nil && s.usage != nil {
			s.usage[j.token.Team] += j.bytes
		}
	}
	return nil
}

// prepare merges, and notes what is to be written.
func (s *sqlStore) prepare(j *job, now time.Time) (err error) {
	switch {
	case j.read.rows == 0: // it has been revoked
		s.tokens.Delete(j.token.ID)
		return contacthttp.ErrUnauthorized
	case j.document == nil:
		return contacthttp.ErrNotFound
	case j.merge == nil:
		return nil
	}
	stored := contacthttp.Stored{Document: j.document}
	if j.hash != nil {
		stored.Answer = &contacthttp.Answer{RequestHash: [sha256.Size]byte(j.hash)}
		if stored.Answer.Document, err = io.ReadAll(flate.NewReader(bytes.NewReader(j.packed))); err != nil {
			return fmt.Errorf("a stored answer cannot be read: %w", err)
		}
	} else if j.key != "" && s.overQuota(j.token.Team) {
		return errQuota
	}
	r, err := j.merge(stored)
	if err == nil {
		err = j.ctx.Err()
	}
	if err != nil {
		return err
	}
	id, version := j.id.String(), r.Version.UnixMicro()
	if r.Key != "" {
		packed := pack(r.Document)
		j.bytes = int64(len(packed) + rowBytes)
		j.writes = append(j.writes, &statement{sql: s.remember, args: []any{
			id, j.version.Int64, r.Key, r.RequestHash[:], packed, version, now.Add(keyLife).UnixMicro(), now.UnixMicro()}})
	}
	if r.Changed != 0 {
		change := &statement{sql: s.change, args: []any{id, j.version.Int64, string(r.Document), version}}
		if r.Key != "" {
			change.sql, change.args = changeKeyed, append(change.args, r.Key)
		}
		j.writes = append(j.writes, change)
	}
	return nil
}

// unavailable marks an error of the database: the request may be sent again. Errors after which the
// same attempt can succeed a moment later are lost races.
func unavailable(err error) error {
	const sqliteBusy = 5 // also the low byte of SQLITE_BUSY_SNAPSHOT
	var pg *pgconn.PgError
	var lite *sqlite.Error
	switch {
	case err == nil, errors.Is(err, contacthttp.ErrNotFound), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01" || pg.Code == "55P03"), // serialization failure, deadlock, lock timeout
		errors.As(err, &lite) && lite.Code()&0xff == sqliteBusy:
		return fmt.Errorf("%w: %w: %w", errLostRace, contacthttp.ErrUnavailable, err)
	}
	return fmt.Errorf("%w: %w", contacthttp.ErrUnavailable, err)
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

// overQuota reports whether a team's answers take all the room that it has. Services beside this one
// are counted once in each Sweep.
func (s *sqlStore) overQuota(team contact.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.usage[team] >= s.keyBytes
}

const tokenColumns = `id, hash, team_id, scopes, created_at, expires_at`

// Token returns the token with this public id, or contacthttp.ErrUnauthorized. It may be one that was
// revoked in the last minute, which the statement that reads the contact then finds.
func (s *sqlStore) Token(ctx context.Context, id string) (Token, error) {
	if t, ok := s.tokens.Load(id); ok {
		return t.(Token), nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	t, err := scanToken(s.reads.QueryRowContext(ctx, `SELECT `+tokenColumns+` FROM tokens WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Token{}, contacthttp.ErrUnauthorized
	}
	if err == nil {
		s.tokens.Store(id, t)
	}
	return t, unavailable(err)
}

func scanToken(row interface{ Scan(...any) error }) (t Token, err error) {
	var hash, team, scopes string
	var created, expires int64
	if err := row.Scan(&t.ID, &hash, &team, &scopes, &created, &expires); err != nil {
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
		t, err := scanToken(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}

// Revoke forgets a token, or returns contacthttp.ErrNotFound. The next request with it is refused.
func (s *sqlStore) Revoke(ctx context.Context, id string) error {
	st := &statement{sql: `DELETE FROM tokens WHERE id = $1`, args: []any{id}}
	if err := s.run(ctx, s.db, st); err != nil || st.rows == 1 {
		return err
	}
	return contacthttp.ErrNotFound
}

// Insert stores the contacts and tokens whose ids are not there yet, all or none, and returns how many
// rows these were. It changes no row: what is there by now may be newer.
func (s *sqlStore) Insert(ctx context.Context, contacts []*contact.Contact, tokens []Token) (inserted int, err error) {
	var all []*statement
	for _, c := range contacts {
		all = append(all, &statement{sql: `INSERT INTO contacts (id, team_id, updated_at, body) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING`,
			args: []any{c.ID.String(), c.TeamID.String(), c.UpdatedAt.UnixMicro(), string(c.AppendJSON(nil))}})
	}
	for _, t := range tokens {
		expires := int64(0)
		if !t.Expires.IsZero() {
			expires = t.Expires.UnixMicro()
		}
		all = append(all, &statement{sql: `INSERT INTO tokens (` + tokenColumns + `) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`,
			args: []any{t.ID, hex.EncodeToString(t.Hash[:]), t.Team.String(), strings.Join(t.Scopes, " "), t.Created.UnixMicro(), expires}})
	}
	err = s.run(ctx, s.db, all...)
	for _, st := range all {
		inserted += int(st.rows)
	}
	return inserted, err
}

// Sweep forgets the tokens that were seen, deletes expired answers in batches, so that requests come in
// between, and counts the answers of each team. The outer condition is there because a request may renew
// a key while the statement waits for its row.
func (s *sqlStore) Sweep(ctx context.Context) error {
	s.tokens.Clear()
	skip := ""
	if s.dialect == goose.DialectPostgres {
		skip = " FOR UPDATE SKIP LOCKED"
	}
	batch := fmt.Sprintf(`DELETE FROM answers WHERE expires_at <= $1 AND (contact_id, idempotency_key) IN (
		SELECT contact_id, idempotency_key FROM answers WHERE expires_at <= $1 LIMIT %d%s)`, sweepBatch, skip)
	for more := true; more; {
		st := &statement{sql: batch, args: []any{s.now().UnixMicro()}}
		if err := s.run(ctx, s.db, st); err != nil {
			return err
		}
		more = st.rows == sweepBatch
	}
	rows, err := s.reads.QueryContext(ctx, `SELECT team_id, sum(length(document) + $1) FROM answers GROUP BY team_id`, rowBytes)
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
	return unavailable(s.run(ctx, s.db, &statement{sql: `UPDATE probe SET at = $1 WHERE id = 1`, args: []any{s.now().UnixMicro()}}))
}
