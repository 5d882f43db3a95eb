package contacthttp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
)

// one is a store of a single contact.
type one struct{ document []byte }

func (s *one) Load(context.Context, contact.ID) ([]byte, error) { return s.document, nil }

func (s *one) Save(_ context.Context, r contacthttp.Revision) error {
	s.document = r.Document // UPDATE … SET document = $1 WHERE id = $2 AND updated_at = r.PreviousVersion
	return nil
}

// The whole operation: a store, and what the service knows of tokens.
func Example() {
	store := &one{contacttest.Sample()}
	token := func(r *http.Request) (context.Context, []string, error) {
		return r.Context(), []string{"partner:contacts:*"}, nil
	}

	mux := http.NewServeMux()
	mux.Handle("/v2/partner/contacts/{id}", &contacthttp.Handler{
		Store:        contacthttp.CompareAndSwap(store), // Load and Save, on your database
		Authenticate: token,                             // the scopes of the request's token
	})

	for _, accept := range []string{"application/json", "application/problem+json"} {
		r := httptest.NewRequest("PATCH", "/v2/partner/contacts/7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b",
			strings.NewReader(`{"birthdate":"1990-02-30"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 422 {"errors":[{"code":"validation_failed","title":"Invalid format","detail":"Send a day that exists, written YYYY-MM-DD, such as 2000-02-29.","source":{"pointer":"/birthdate"},"meta":{"rule":"date"}}]}
	// 422 {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"Send a day that exists, written YYYY-MM-DD, such as 2000-02-29.","errors":[{"code":"validation_failed","title":"Invalid format","detail":"Send a day that exists, written YYYY-MM-DD, such as 2000-02-29.","source":{"pointer":"/birthdate"},"meta":{"rule":"date"}}]}
}

// A table is a store with transactions and with a memory for keys.
type table struct {
	sync.Mutex // in place of the transaction
	documents  map[contact.ID][]byte
	answers    map[string]contacthttp.Answer // by contact id and key
}

func (t *table) Load(_ context.Context, id contact.ID) ([]byte, error) {
	t.Lock()
	defer t.Unlock()
	document := t.documents[id]
	if document == nil {
		return nil, contacthttp.ErrNotFound
	}
	return document, nil
}

func (t *table) Update(_ context.Context, id contact.ID, key string, merge contacthttp.MergeFunc) error {
	t.Lock() // BEGIN; SELECT … FOR UPDATE
	defer t.Unlock()
	stored := contacthttp.Stored{Document: t.documents[id]}
	if stored.Document == nil {
		return contacthttp.ErrNotFound
	}
	if answer, known := t.answers[id.String()+key]; known && key != "" {
		stored.Answer = &answer
	}
	r, err := merge(stored)
	if err != nil {
		return err
	}
	if r.Changed != 0 {
		t.documents[id] = r.Document
	}
	if r.Key != "" {
		t.answers[id.String()+r.Key] = contacthttp.Answer{RequestHash: r.RequestHash, Document: r.Document}
	}
	return nil // COMMIT
}

// A store with transactions that remembers idempotency keys: a request that is repeated is applied once.
func ExampleStore() {
	sample, err := contact.ParseStored(contacttest.Sample())
	if err != nil {
		fmt.Println(err)
		return
	}
	var store contacthttp.Store = &table{
		documents: map[contact.ID][]byte{sample.ID: contacttest.Sample()},
		answers:   map[string]contacthttp.Answer{},
	}
	h := &contacthttp.Handler{Store: store, Authenticate: anybody}
	send := func(id, body string) {
		r := httptest.NewRequest("PATCH", "/v2/partner/contacts/"+id, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "0b7cbb5e-5d1c-4f0e-9d86-6d9a0f6b6c11")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Printf("%d %q\n", w.Code, w.Header().Get("X-Idempotent-Replay"))
	}
	send(sample.ID.String(), `{"city":"Oslo"}`)
	send(sample.ID.String(), `{"city":"Oslo"}`) // the client had no answer, and asks again
	send(sample.ID.String(), `{"city":"Bergen"}`)
	send("0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a", `{}`)
	// Output:
	// 200 ""
	// 200 "true"
	// 422 ""
	// 404 ""
}

// anybody may do anything.
func anybody(r *http.Request) (context.Context, []string, error) {
	return r.Context(), []string{"partner:contacts:*"}, nil
}

// keyed is a single contact in a store that compares and swaps, with the answers of its keys.
type keyed struct {
	one
	answers map[string]contacthttp.Answer
}

func (s *keyed) Answer(_ context.Context, _ contact.ID, key string) (*contacthttp.Answer, error) {
	if answer, known := s.answers[key]; known {
		return &answer, nil
	}
	return nil, nil
}

func (s *keyed) Save(ctx context.Context, r contacthttp.Revision) error {
	if r.Key != "" {
		s.answers[r.Key] = contacthttp.Answer{RequestHash: r.RequestHash, Document: r.Document}
	}
	return s.one.Save(ctx, r)
}

// A store without transactions remembers keys by a method Answer.
func ExampleCompareAndSwap() {
	var store contacthttp.IdempotencyStore = &keyed{one{contacttest.Sample()}, map[string]contacthttp.Answer{}}
	update, err := contact.ParseUpdate(contact.UpdateRequest{
		PathID: "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", Scopes: []string{contacthttp.ScopeUpdate}, ContentType: "application/json",
		IdempotencyKey: "0b7cbb5e-5d1c-4f0e-9d86-6d9a0f6b6c11", Body: []byte(`{"city":"Oslo"}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		revision, err := contacthttp.Apply(context.Background(), contacthttp.CompareAndSwap(store), update, time.Now())
		fmt.Println(revision.Changed, revision.Replayed, err)
	}
	// Output:
	// city,updated_at false <nil>
	//  true <nil>
}

// A queue consumer applies messages with Apply. The id of a message is its idempotency key, so a message
// that is delivered twice is applied once.
func ExampleApply() {
	store := &table{documents: map[contact.ID][]byte{}, answers: map[string]contacthttp.Answer{}}
	options := contact.Options{AnyIdempotencyKey: true}
	consume := func(messageID, contactID string, body []byte) {
		update, err := options.ParseUpdate(contact.UpdateRequest{
			PathID: contactID, Scopes: []string{contacthttp.ScopeUpdate}, ContentType: "application/json",
			IdempotencyKey: messageID, Body: body,
		})
		if err == nil {
			_, err = contacthttp.Apply(context.Background(), store, update, time.Now())
		}
		var refused contact.Errors
		switch {
		case err == nil:
			fmt.Println("applied")
		case errors.As(err, &refused), errors.Is(err, contacthttp.ErrNotFound), errors.Is(err, contacthttp.ErrKeyUsed):
			fmt.Println("to the dead letters:", err) // no later try can succeed
		default:
			fmt.Println("again later:", err)
		}
	}
	consume("message-1", "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", []byte(`{"birthdate":"1990-02-30"}`))
	consume("message-2", "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", []byte(`{"birthdate":"1990-02-28"}`))
	// Output:
	// to the dead letters: contact: /birthdate: Send a day that exists, written YYYY-MM-DD, such as 2000-02-29.
	// to the dead letters: contacthttp: no such contact
}

// An update is refused for what the database cannot hold, here the year 0 in a column of the type date.
func ExampleCheckPostgresColumns() {
	h := &contacthttp.Handler{
		Store:        contacthttp.CompareAndSwap(&one{contacttest.Sample()}),
		Authenticate: anybody,
		Check:        contacthttp.CheckPostgresColumns, // for jsonb CheckJSONB
	}
	r := httptest.NewRequest("PATCH", "/v2/partner/contacts/7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b",
		strings.NewReader(`{"birthdate":"0000-02-29"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	// Output:
	// 422 {"errors":[{"code":"not_storable","title":"Value cannot be stored","detail":"Send a year from 0001 on.","source":{"pointer":"/birthdate"},"meta":{"rule":"not_storable"}}]}
}

// A document column of the type jsonb rewrites numbers.
func ExampleCheckJSONB() {
	for _, body := range []string{`{"meta_public":{"ledger":9007199254740993}}`, `{"meta_public":{"ledger":1e400}}`} {
		update, err := contact.ParseUpdate(contact.UpdateRequest{
			PathID: "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", Scopes: []string{contacthttp.ScopeUpdate}, ContentType: "application/json", Body: []byte(body),
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(contacthttp.CheckJSONB(update))
	}
	// Output:
	// <nil>
	// contact: /meta_public: Send numbers as plain decimals, without an exponent and without -0.
}

// A store tells the handler why it could not do its work: both are 503, and the client sends the request again.
func ExampleErrUnavailable() {
	for _, err := range []error{contacthttp.ErrUnavailable, contacthttp.ErrConflict} {
		down := func(*http.Request) (context.Context, []string, error) { return nil, nil, err }
		var store contacthttp.VersionedStore = &one{contacttest.Sample()}
		h := &contacthttp.Handler{Store: contacthttp.CompareAndSwap(store), Authenticate: down}
		r := httptest.NewRequest("PATCH", "/v2/partner/contacts/7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", strings.NewReader(`{}`))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("Retry-After"))
	}
	// Output:
	// 503 1
	// 503 1
}

// The scopes of a token may have * for a segment.
func ExampleHasScope() {
	scopes := []string{"partner:*:read", "partner:contacts"}
	fmt.Println(contacthttp.HasScope(scopes, contacthttp.ScopeRead), contacthttp.HasScope(scopes, contacthttp.ScopeUpdate))
	// Output:
	// true false
}

// A DELETE beside the handler answers its errors in the same form.
func ExampleHandler_WriteError() {
	contacts := &contacthttp.Handler{
		Store:        contacthttp.CompareAndSwap(&one{contacttest.Sample()}),
		Authenticate: anybody,
		OtherMethods: []string{"DELETE"},
	}
	remove := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			contacts.WriteError(w, r, contacthttp.ErrUnauthorized)
			return
		}
		contacts.WriteError(w, r, contacthttp.ErrNotFound)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("DELETE /v2/partner/contacts/{id}", remove)
	mux.Handle("/v2/partner/contacts/{id}", contacts) // all other methods
	token := ""
	for _, method := range []string{"DELETE", "DELETE", "GET", "PUT"} {
		r := httptest.NewRequest(method, "/v2/partner/contacts/7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", nil)
		r.Header.Set("Authorization", token)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Printf("%d %q %.56s\n", w.Code, w.Header().Get("Allow"), w.Body)
		token = "Bearer x"
	}
	// Output:
	// 401 "" {"errors":[{"code":"unauthorized","title":"Authenticatio
	// 404 "" {"errors":[{"code":"not_found","title":"Contact not foun
	// 200 "" {"id":"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b","type":"con
	// 405 "DELETE, GET, HEAD, OPTIONS, PATCH" {"errors":[{"code":"method_not_allowed","title":"Method
}

// audited is a store that logs the changes of each update, in one transaction with it.
type audited struct {
	one
	log []contact.Change
}

func (s *audited) Save(ctx context.Context, r contacthttp.Revision) error {
	before, err := contact.ParseStored(r.Before)
	if err != nil {
		return err
	}
	after, err := contact.ParseStored(r.Document)
	if err != nil {
		return err
	}
	s.log = slices.AppendSeq(s.log, contact.Changes(before, after))
	return s.one.Save(ctx, r)
}

// The store writes the audit log: a revision has the documents before and after.
func ExampleRevision_audit() {
	store := &audited{one: one{contacttest.Sample()}}
	h := &contacthttp.Handler{
		Store:        contacthttp.CompareAndSwap(store),
		Authenticate: anybody,
		Now:          func() time.Time { return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) },
	}
	r := httptest.NewRequest("PATCH", "/v2/partner/contacts/7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b",
		strings.NewReader(`{"city":"Oslo"}`))
	r.Header.Set("Content-Type", "application/json")
	h.ServeHTTP(httptest.NewRecorder(), r)
	for _, change := range store.log {
		text, err := json.Marshal(change)
		fmt.Printf("%s %v\n", text, err)
	}
	// Output:
	// {"field":"city","op":"replace","pointer":"/city","before":"Chicago","after":"Oslo"} <nil>
	// {"field":"updated_at","op":"replace","pointer":"/updated_at","before":"2026-05-17T08:02:45.120004Z","after":"2026-06-01T00:00:00Z"} <nil>
}

// Errors as problem details, for a handler of your own.
func ExampleProblem() {
	err := contact.CheckPatch([]byte(`{"sms_verified":"yes"}`))
	problem := contacthttp.Problem{Errors: err.(contact.Errors), Instance: "/requests/7"}
	text, err := json.Marshal(problem)
	fmt.Println(string(problem.AppendJSON(nil)) == string(text), err)
	fmt.Println(string(text))
	// Output:
	// true <nil>
	// {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"Send true or false, without quotes.","instance":"/requests/7","errors":[{"code":"validation_failed","title":"Invalid type","detail":"Send true or false, without quotes.","source":{"pointer":"/sms_verified"},"meta":{"rule":"type"}}]}
}

// The service answers in Spanish if the client asks for it.
func ExampleHandler_editProblem() {
	spanish := map[string][2]string{
		"date":       {"Formato no válido", "Envíe un día que exista, en la forma AAAA-MM-DD, como 2000-02-29."},
		"not_found":  {"Contacto no encontrado", "Envíe el id de un contacto que exista."},
		"status.422": {"Contenido no procesable"},
	}
	h := &contacthttp.Handler{
		Store:        contacthttp.CompareAndSwap(&one{contacttest.Sample()}),
		Authenticate: anybody,
		EditProblem: func(header http.Header, r *http.Request, p *contacthttp.Problem) {
			header.Add("Vary", "Accept-Language")
			if !strings.HasPrefix(r.Header.Get("Accept-Language"), "es") {
				return
			}
			header.Set("Content-Language", "es")
			p.Title = spanish[p.Key()][0] // of problem details
			var missing []string
			p.Errors, missing = p.Errors.Translate(func(e contact.Error) (title, detail string) {
				texts := spanish[e.MessageKey()]
				return texts[0], texts[1]
			})
			if missing != nil {
				log.Println("no Spanish for", missing)
			}
		},
	}
	for _, accept := range []string{"application/json", "application/problem+json"} {
		r := httptest.NewRequest("PATCH", "/v2/partner/contacts/7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b",
			strings.NewReader(`{"birthdate":"1990-02-30"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", accept)
		r.Header.Set("Accept-Language", "es-MX")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("Content-Language"), w.Body)
	}
	// Output:
	// 422 es {"errors":[{"code":"validation_failed","title":"Formato no válido","detail":"Envíe un día que exista, en la forma AAAA-MM-DD, como 2000-02-29.","source":{"pointer":"/birthdate"},"meta":{"rule":"date"}}]}
	// 422 es {"type":"about:blank","title":"Contenido no procesable","status":422,"detail":"Envíe un día que exista, en la forma AAAA-MM-DD, como 2000-02-29.","errors":[{"code":"validation_failed","title":"Formato no válido","detail":"Envíe un día que exista, en la forma AAAA-MM-DD, como 2000-02-29.","source":{"pointer":"/birthdate"},"meta":{"rule":"date"}}]}
}

// A translation covers these besides contact.Messages: errors, and titles of problem details.
func ExampleMessages() {
	for key, english := range contacthttp.Messages() {
		fmt.Printf("%s: %s\n", key, english.Title())
	}
	// Output:
	// unauthorized: Authentication required
	// request_timeout: Request timeout
	// malformed_request: Malformed request
	// method_not_allowed: Method not allowed
	// not_found: Contact not found
	// idempotency_conflict: Idempotency key used
	// busy: Contact is busy
	// service_unavailable: Service unavailable
	// stored_contact_invalid: Stored contact is invalid
	// internal_error: Internal error
	// status.400: Bad Request
	// status.401: Unauthorized
	// status.404: Not Found
	// status.405: Method Not Allowed
	// status.408: Request Timeout
	// status.409: Conflict
	// status.412: Precondition Failed
	// status.413: Content Too Large
	// status.415: Unsupported Media Type
	// status.422: Unprocessable Content
	// status.500: Internal Server Error
	// status.503: Service Unavailable
}

// A log of a revision holds no document.
func ExampleRevision() {
	revision := contacthttp.Revision{Changed: contact.FieldsOf(contact.FieldCity), Document: contacttest.Sample()}
	fmt.Println(revision)
	fmt.Println(revision.LogValue())
	// Output:
	// revision of 00000000-0000-0000-0000-000000000000, changing city
	// [id=00000000-0000-0000-0000-000000000000 changed=city]
}
