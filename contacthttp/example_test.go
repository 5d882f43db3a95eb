package contacthttp_test

import (
	"context"
	"encoding/json"
	"fmt"
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

func (s *one) Save(_ context.Context, c contacthttp.Revision) error {
	s.document = c.Document // UPDATE … SET document = $1 WHERE id = $2 AND updated_at = c.Seen
	return nil
}

// The whole operation: a store, and what the service knows of tokens.
func Example() {
	store := &one{contacttest.Sample()}
	token := func(r *http.Request) (context.Context, []string, error) {
		return r.Context(), []string{"partner:contacts:*"}, nil
	}

	mux := http.NewServeMux()
	mux.Handle("PATCH /v2/partner/contacts/{id}", &contacthttp.Handler{
		Store:        store, // Load and Save, on your database
		Authenticate: token, // the scopes of the request's token
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
	// 422 {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"Send a day that exists, written YYYY-MM-DD, such as 2000-02-29.","errors":[{"code":"validation_failed","title":"Invalid format","detail":"Send a day that exists, written YYYY-MM-DD, such as 2000-02-29.","source":{"pointer":"/birthdate"},"meta":{"rule":"date"}}]}
}

// A table is a store with all that a store can have: contacts that are not there, answers by key.
type table struct {
	sync.Mutex // stands for the transaction
	documents  map[contact.ID][]byte
	answers    map[string]contacthttp.Revision
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

func (t *table) Save(_ context.Context, c contacthttp.Revision) error {
	t.Lock()
	defer t.Unlock()
	stored, err := contact.ParseStored(t.documents[c.ID])
	if err != nil {
		return err
	}
	if _, known := t.answers[c.Key]; known || !stored.UpdatedAt.Equal(c.Seen) {
		return contacthttp.ErrConflict
	}
	t.documents[c.ID] = c.Document
	if c.Key != "" {
		t.answers[c.Key] = c
	}
	return nil
}

func (t *table) Replay(_ context.Context, key string, request [32]byte) ([]byte, error) {
	t.Lock()
	defer t.Unlock()
	c, known := t.answers[key]
	switch {
	case !known:
		return nil, contacthttp.ErrNotFound
	case c.Request != request:
		return nil, contacthttp.ErrKeyUsed
	}
	return c.Document, nil
}

var _ contacthttp.Replayer = (*table)(nil)

// A store that remembers the requests' keys: what was done once is not done again.
func ExampleReplayer() {
	sample, err := contact.ParseStored(contacttest.Sample())
	if err != nil {
		fmt.Println(err)
		return
	}
	var h http.Handler = &contacthttp.Handler{
		Store: &table{
			documents: map[contact.ID][]byte{sample.ID: contacttest.Sample()},
			answers:   map[string]contacthttp.Revision{},
		},
		Authenticate: func(r *http.Request) (context.Context, []string, error) {
			return r.Context(), []string{contact.ScopeUpdate}, nil
		},
	}
	send := func(id, body string) {
		r := httptest.NewRequest("PATCH", "/v2/partner/contacts/"+id, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "0b7cbb5e-5d1c-4f0e-9d86-6d9a0f6b6c11")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("ETag") != "")
	}
	send(sample.ID.String(), `{"city":"Oslo"}`)
	send(sample.ID.String(), `{"city":"Oslo"}`) // the client had no answer, and asks again
	send(sample.ID.String(), `{"city":"Bergen"}`)
	send("0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a", `{}`)
	// Output:
	// 200 true
	// 200 true
	// 422 false
	// 422 false
}

// A GET beside the updates answers its errors as these are: in the same form, by the same Refuse.
func ExampleHandler_WriteError() {
	store := &one{contacttest.Sample()}
	updates := &contacthttp.Handler{Store: store, Authenticate: func(r *http.Request) (context.Context, []string, error) {
		return r.Context(), []string{contact.ScopeUpdate}, nil
	}}
	read := func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			updates.WriteError(w, r, contacthttp.ErrUnauthorized)
			return
		}
		id, err := contact.ParseID(r.PathValue("id"))
		if err != nil {
			updates.WriteError(w, r, contacthttp.ErrNotFound)
			return
		}
		document, err := store.Load(r.Context(), id)
		if err != nil {
			updates.WriteError(w, r, err)
			return
		}
		version, err := contact.StoredVersion(document)
		if err != nil {
			updates.WriteError(w, r, err)
			return
		}
		w.Header().Set("ETag", contact.ETag(version))
		w.Header().Set("Cache-Control", "no-store")
		if contact.ParseCondition("", r.Header.Get("If-None-Match"), "").NotModified(version) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(document)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/partner/contacts/{id}", read)
	mux.Handle("/v2/partner/contacts/{id}", updates) // all other methods: but PATCH they are 405, in the envelope
	token := ""
	for _, request := range []string{"GET me", "GET 7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b", "GET me", "PUT me"} {
		method, id, _ := strings.Cut(request, " ")
		r := httptest.NewRequest(method, "/v2/partner/contacts/"+id, nil)
		r.Header.Set("Authorization", token)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Printf("%d %.56s\n", w.Code, w.Body)
		token = "Bearer x"
	}
	// Output:
	// 401 {"errors":[{"code":"unauthorized","title":"Authenticatio
	// 200 {"id":"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b","type":"con
	// 404 {"errors":[{"code":"not_found","title":"Contact not foun
	// 405 {"errors":[{"code":"method_not_allowed","title":"Method
}

// audited is a store that writes down what each update changed, in one transaction with it.
type audited struct {
	one
	log []contact.Change
}

func (s *audited) Save(ctx context.Context, c contacthttp.Revision) error {
	before, err := contact.ParseStored(c.Before)
	if err != nil {
		return err
	}
	after, err := contact.ParseStored(c.Document)
	if err != nil {
		return err
	}
	s.log = slices.AppendSeq(s.log, contact.Changes(before, after))
	return s.one.Save(ctx, c)
}

// An audit log is the store's: a revision has the document of before, and what comes after.
func ExampleRevision_audit() {
	store := &audited{one: one{contacttest.Sample()}}
	h := &contacthttp.Handler{
		Store: store,
		Authenticate: func(r *http.Request) (context.Context, []string, error) {
			return r.Context(), []string{contact.ScopeUpdate}, nil
		},
		Now: func() time.Time { return time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC) },
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

// Errors as problem details, where a handler of one's own writes them.
func ExampleProblem() {
	err := contact.CheckPatch([]byte(`{"sms_verified":"yes"}`))
	problem := contacthttp.Problem{Errors: err.(contact.Errors), Instance: "/requests/7"}
	text, err := json.Marshal(problem)
	fmt.Println(string(problem.AppendJSON(nil)) == string(text), err)
	fmt.Println(string(text))
	// Output:
	// true <nil>
	// {"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"Send true or false, without quotes.","instance":"/requests/7","errors":[{"code":"validation_failed","title":"Invalid type","detail":"Send true or false, without quotes.","source":{"pointer":"/sms_verified"},"meta":{"rule":"type"}}]}
}

// The service answers in Spanish to who asks for it.
func ExampleHandler_refuse() {
	spanish := map[string][2]string{
		"date":       {"Formato no válido", "Envíe un día que exista, en la forma AAAA-MM-DD, como 2000-02-29."},
		"not_found":  {"Contacto no encontrado", "Envíe el id de un contacto que exista."},
		"status.422": {"Contenido no procesable"},
	}
	h := &contacthttp.Handler{
		Store: &one{contacttest.Sample()},
		Authenticate: func(r *http.Request) (context.Context, []string, error) {
			return r.Context(), []string{contact.ScopeUpdate}, nil
		},
		Refuse: func(header http.Header, r *http.Request, p *contacthttp.Problem) {
			header.Add("Vary", "Accept-Language")
			if !strings.HasPrefix(r.Header.Get("Accept-Language"), "es") {
				return
			}
			header.Set("Content-Language", "es")
			p.Title = spanish[p.Key()][0] // of problem details
			p.Errors = p.Errors.Translate(func(e contact.Error) (title, detail string) {
				texts := spanish[e.MessageKey()]
				return texts[0], texts[1]
			})
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

// What a translation has to cover, besides contact.Messages: errors, and titles of problem details.
func ExampleTexts() {
	for key, english := range contacthttp.Texts() {
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
	// internal_error: Internal error
	// status.400: Bad Request
	// status.401: Unauthorized
	// status.404: Not Found
	// status.405: Method Not Allowed
	// status.408: Request Timeout
	// status.409: Conflict
	// status.412: Precondition Failed
	// status.413: Request Entity Too Large
	// status.415: Unsupported Media Type
	// status.422: Unprocessable Entity
	// status.500: Internal Server Error
	// status.503: Service Unavailable
}

// A revision that is logged has no document.
func ExampleRevision() {
	revision := contacthttp.Revision{Changed: contact.FieldsOf(contact.FieldCity), Document: contacttest.Sample()}
	fmt.Println(revision)
	fmt.Println(revision.LogValue())
	// Output:
	// revision of 00000000-0000-0000-0000-000000000000, changing city
	// [id=00000000-0000-0000-0000-000000000000 changed=city]
}
