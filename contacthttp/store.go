package contacthttp

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/partner-contacts/contact"
)

// Errors that a [Store] returns. They may be wrapped.
var (
	// ErrNotFound reports that there is no such contact, or none that the caller may see: 404
	// not_found.
	ErrNotFound = errors.New("contacthttp: no such contact")
	// ErrConflict reports that the contact was changed between reading and writing. [CompareAndSwap]
	// tries again; from any other Store it is answered with 503 busy and Retry-After.
	ErrConflict = errors.New("contacthttp: the contact has changed")
	// ErrUnavailable reports that the database could not do the work now: 503 service_unavailable
	// with Retry-After. context.DeadlineExceeded is answered alike.
	ErrUnavailable = errors.New("contacthttp: the store is unavailable")
)

// ErrKeyUsed reports that an idempotency key was used for another request to the same contact: 422
// idempotency_conflict. [Apply] returns it.
var ErrKeyUsed = errors.New("contacthttp: the idempotency key was used for another request")

// A Store keeps the documents of contacts, as [contact.Contact.AppendJSON] writes them.
//
// Who asks is part of every call: the context is the one that Handler.Authenticate returned, with
// the token's team in it, for example. A store looks for a contact among those that the caller may
// see, and returns ErrNotFound for any other.
//
// An error that is neither one of this package's nor a contact.Errors or contact.Error of the
// service's own (see [contact.NewServiceError]) is answered with 500.
type Store interface {
	// Load returns the document of a contact.
	Load(ctx context.Context, id contact.ID) (document []byte, err error)

	// Update changes a contact in one transaction: it reads the contact, then the answer remembered
	// of the key, calls merge with both, and stores the revision that merge returns.
	//
	//   - If Revision.Changed is not 0, the document replaces the stored one.
	//   - If Revision.Key is not empty, the document is remembered under the contact's id and the
	//     key, with Revision.RequestHash.
	//   - If merge returns an error, Update stores nothing and returns that error.
	//
	// A key belongs to a contact. It is looked up only once the contact was found, so a caller who
	// may not see the contact learns nothing of its keys, and they go when the contact goes.
	//
	// Between reading and writing nobody else may change the contact. A store with transactions
	// locks the row (SELECT … FOR UPDATE); one that can only compare and swap uses
	// [CompareAndSwap]. Update may call merge again after it lost to another writer; only the last
	// revision counts. The key is empty for a request without one. A store without memory for keys
	// ignores it.
	Update(ctx context.Context, id contact.ID, key string, merge MergeFunc) error
}

// A MergeFunc returns the result of an update of a stored contact.
type MergeFunc func(Stored) (Revision, error)

// Stored is a contact and the answer of an idempotency key in a store.
type Stored struct {
	Document []byte
	Answer   *Answer // remembered under the key; nil if nothing is, or there is no key
}

// An Answer is the remembered result of a request with an idempotency key.
type Answer struct {
	RequestHash [32]byte // the Revision's
	Document    []byte   // the Revision's, byte for byte
}

// A Revision is the result of an update of a contact.
type Revision struct {
	ID              contact.ID
	PreviousVersion time.Time        // updated_at of the document that was read
	Version         time.Time        // updated_at of the new document; the same if nothing changed
	Changed         contact.FieldSet // the fields that differ; 0: the stored document stays
	Before          []byte           // the document that was read, for an audit log: see contact.Changes
	Document        []byte           // the new document, which is also the answer

	// Key is the idempotency key to remember, "" for none. A UUID is in lower case; any other key,
	// which Options.AnyIdempotencyKey admits, is as the client sent it.
	Key         string
	RequestHash [32]byte // of the id and the patch; the same request has the same hash

	// Replayed reports that the document is the answer that the key's first request got. Changed
	// is 0 and Key is empty then: there is nothing to store.
	Replayed bool
}

// String returns the id and the names of the fields that changed.
func (c Revision) String() string {
	return "revision of " + c.ID.String() + ", changing " + c.Changed.String()
}

// Format writes the text that String returns, for every verb. A document is personal data and must
// not reach a log by accident.
func (c Revision) Format(s fmt.State, _ rune) { io.WriteString(s, c.String()) }

// LogValue implements slog.LogValuer: the id, and the names of the fields that changed.
func (c Revision) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", c.ID.String()), slog.String("changed", c.Changed.String()))
}

// Apply applies an update to a contact in the store. It is the handler's work without HTTP, for a
// queue consumer for example. If the update's key is known it replays the answer; else it merges,
// checks the update's conditions and saves. now becomes updated_at if anything changes.
//
// The error is an error of [contact.Update.AppendMerge], ErrKeyUsed, or the store's. It is
// contact.ErrNil for a nil argument, and contact.ErrTime for a zero now: without a time two updates
// would have one version. A contact.Errors with a rule of the library's is always the sender's fault:
// if a store returns one, because it read a row with the library, it is hidden behind another error
// with the same text.
func Apply(ctx context.Context, s Store, u *contact.Update, now time.Time) (Revision, error) {
	return apply(ctx, s, u, func() time.Time { return now })
}

// apply is Apply with a clock. The clock is read once the store holds its lock.
func apply(ctx context.Context, s Store, u *contact.Update, now func() time.Time) (Revision, error) {
	if s == nil || u == nil || u.Patch == nil {
		return Revision{}, contact.ErrNil
	}
	key, hash := u.IdempotencyKey, [32]byte{}
	if key != "" {
		if id, err := contact.ParseID(key); err == nil {
			key = id.String() // a UUID is the same in either case (RFC 9562 §4)
		}
		hash = sha256.Sum256(u.Patch.AppendJSON(append(make([]byte, 0, 512), u.ID[:]...)))
	}
	job := &job{u: u, now: now, key: key, hash: hash}
	if err := s.Update(ctx, u.ID, key, job.merge); err != nil {
		return Revision{}, applyError(err)
	}
	return job.result, nil
}

// A job is an update on its way through the store.
type job struct {
	u      *contact.Update
	now    func() time.Time
	key    string
	hash   [32]byte
	result Revision
}

// merge is the job's MergeFunc. The result is that of its last call.
func (j *job) merge(stored Stored) (r Revision, err error) {
	if stored.Answer != nil {
		r, err = replay(j.u, stored.Answer, j.hash)
	} else if now := j.now(); now.IsZero() {
		err = errNoClock
	} else {
		r, err = mergeStored(j.u, stored.Document, now, j.key, j.hash)
	}
	j.result = r
	if err != nil {
		return Revision{}, &refusal{err}
	}
	return r, nil
}

var errNoClock = fmt.Errorf("contacthttp: the clock has the zero time: %w", contact.ErrTime)

// applyError returns the merge's own error, or the store's.
func applyError(err error) error {
	var refused *refusal
	if errors.As(err, &refused) {
		return refused.error
	}
	return storeError(err)
}

// A refusal is an error of the merge on its way through the store.
type refusal struct{ error }

func (r *refusal) Unwrap() error { return r.error }

// replay returns the revision of a request whose key is known.
func replay(u *contact.Update, a *Answer, hash [32]byte) (Revision, error) {
	if a.RequestHash != hash {
		return Revision{}, ErrKeyUsed
	}
	version, err := contact.StoredVersion(a.Document)
	return Revision{
		ID: u.ID, PreviousVersion: version, Version: version, Document: a.Document, RequestHash: hash, Replayed: true,
	}, err
}

func mergeStored(u *contact.Update, document []byte, now time.Time, key string, hash [32]byte) (Revision, error) {
	merged, changed, before, after, err := u.AppendMerge(nil, document, now)
	if err != nil {
		return Revision{}, err
	}
	return Revision{
		ID: u.ID, PreviousVersion: before, Version: after, Changed: changed,
		Before: document, Document: merged, Key: key, RequestHash: hash,
	}, nil
}

// storeError hides a contact.Errors that a reader of the library returned for a stored row: it says
// nothing of the request.
func storeError(err error) error {
	var errs contact.Errors
	if errors.As(err, &errs) && slices.ContainsFunc(errs, isLibrarys) {
		return fmt.Errorf("contacthttp: the store cannot read a contact: %s", err)
	}
	return err
}

// A VersionedStore is a store without transactions that are open while a program computes: a
// key-value store, or a database used in single statements. [CompareAndSwap] makes a Store of it.
type VersionedStore interface {
	// Load is that of [Store].
	Load(ctx context.Context, id contact.ID) (document []byte, err error)
	// Save stores a revision if the stored contact still has Revision.PreviousVersion, and else
	// returns ErrConflict. It is called only if there is something to store.
	Save(ctx context.Context, r Revision) error
}

// An IdempotencyStore is a [VersionedStore] that remembers the answers of keys. Its Save remembers
// the document of a revision with a Key under the contact's id and that key, in one step with the
// contact; if the key is there already it stores nothing and returns ErrConflict.
type IdempotencyStore interface {
	VersionedStore
	// Answer returns the answer remembered under a contact's key, or nil.
	Answer(ctx context.Context, id contact.ID, key string) (*Answer, error)
}

// maxAttempts is how often a CompareAndSwap loads, merges and saves.
const maxAttempts = 16

// CompareAndSwap makes a [Store] of one that saves on condition that the version is the one that
// was loaded. It loads, merges and saves up to 16 times, without a pause, and then returns
// ErrConflict. If s is an [IdempotencyStore], keys are remembered.
func CompareAndSwap(s VersionedStore) Store { return swapper{s} }

type swapper struct{ VersionedStore }

func (s swapper) Update(ctx context.Context, id contact.ID, key string, merge MergeFunc) error {
	for range maxAttempts {
		if err := s.attempt(ctx, id, key, merge); !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return ErrConflict
}

func (s swapper) attempt(ctx context.Context, id contact.ID, key string, merge MergeFunc) error {
	var stored Stored
	var err error
	if stored.Document, err = s.Load(ctx, id); err != nil {
		return err
	}
	if keys, ok := s.VersionedStore.(IdempotencyStore); ok && key != "" {
		if stored.Answer, err = keys.Answer(ctx, id, key); err != nil {
			return err
		}
	}
	r, err := merge(stored)
	if err != nil || r.Changed == 0 && r.Key == "" {
		return err
	}
	return s.Save(ctx, r)
}
