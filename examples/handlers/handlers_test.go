package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
	"github.com/partner-contacts/contact/contacttest"
)

// memory is a store.
type memory struct {
	sync.Mutex
	documents map[contact.ID][]byte
}

func (m *memory) Load(_ context.Context, id contact.ID) ([]byte, error) {
	m.Lock()
	defer m.Unlock()
	if document, ok := m.documents[id]; ok {
		return document, nil
	}
	return nil, contacthttp.ErrNotFound
}

func (m *memory) Save(_ context.Context, c contacthttp.Change) error {
	m.Lock()
	defer m.Unlock()
	stored, err := contact.ParseStored(m.documents[c.ID])
	if err != nil {
		return err
	}
	if !stored.UpdatedAt.Equal(c.Seen) {
		return contacthttp.ErrConflict
	}
	m.documents[c.ID] = c.Document
	return nil
}

// TestContract holds each framework to the contract.
func TestContract(t *testing.T) {
	for name, serve := range map[string]func(*contacthttp.Handler) http.Handler{
		"net/http": Standard, "chi": Chi, "echo": Echo, "gin": Gin, "huma": Huma,
	} {
		t.Run(name, func(t *testing.T) {
			store := &memory{documents: map[contact.ID][]byte{}}
			handler := serve(&contacthttp.Handler{
				Store: store,
				Authenticate: func(r *http.Request) (context.Context, []string, error) {
					return r.Context(), strings.Fields(r.Header.Get("X-Scopes")), nil
				},
			})
			contacttest.TestHandler(t, contacttest.Target{
				Handler: handler, Versions: true,
				Put: func(c *contact.Contact) (*contact.Contact, error) {
					store.Lock()
					defer store.Unlock()
					store.documents[c.ID] = c.AppendJSON(nil)
					return c, nil
				},
				Authorize: func(r *http.Request, scopes ...string) { r.Header.Set("X-Scopes", strings.Join(scopes, " ")) },
			})
		})
	}
}

// TestHumaDescribes: the operation is in the API's description.
func TestHumaDescribes(t *testing.T) {
	server := httptest.NewServer(Huma(&contacthttp.Handler{}))
	defer server.Close()
	response, err := http.Get(server.URL + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var text strings.Builder
	if err := response.Write(&text); err != nil || !strings.Contains(text.String(), "updateContact") {
		t.Errorf("%v %s", err, text.String())
	}
}

// TestConnect: numbers keep their digits, and errors their pointers.
func TestConnect(t *testing.T) {
	document := contacttest.Sample()
	server := httptest.NewServer(Connect(func(_ context.Context, u *contact.Update, body []byte) ([]byte, error) {
		return Merged(document, u, body, time.Time{})
	}))
	defer server.Close()
	client := connect.NewClient[httpbody.HttpBody, httpbody.HttpBody](server.Client(), server.URL+UpdateProcedure)
	call := func(body string) ([]byte, error) {
		req := connect.NewRequest(&httpbody.HttpBody{ContentType: "application/merge-patch+json", Data: []byte(body)})
		req.Header().Set("X-Contact-Id", "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b")
		req.Header().Set("X-Scope", contact.ScopeUpdate)
		response, err := client.CallUnary(t.Context(), req)
		if err != nil {
			return nil, err
		}
		return response.Msg.GetData(), nil
	}
	merged, err := call(`{"city":null,"meta_public":{"ledger":9007199254740993}}`)
	if err != nil || !strings.Contains(string(merged), `"ledger":9007199254740993`) || strings.Contains(string(merged), `"city"`) {
		t.Errorf("%v %s", err, merged)
	}
	_, err = call(`{"sms_opted_in":"yes"}`)
	var failed *connect.Error
	if !errors.As(err, &failed) || failed.Code() != connect.CodeInvalidArgument || len(failed.Details()) != 1 {
		t.Fatalf("%v", err)
	}
	detail, err := failed.Details()[0].Value()
	if err != nil || !strings.Contains(string(detail.(*wrapperspb.BytesValue).GetValue()), `"pointer":"/sms_opted_in"`) {
		t.Errorf("%v %v", err, detail)
	}
}
