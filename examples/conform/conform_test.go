// Package conform runs the suite of package contacttest against a service in any language that
// listens on this machine:
//
//	CONTACT_TARGET=http://127.0.0.1:8080 CONTACT_ID=… CONTACT_TOKEN=… go test
//
// CONTACT_ID is a contact to test with: it is changed, and put back at the end, but for its
// version. CONTACT_TOKEN has the scopes of an update and of reading. With CONTACT_HAS="get keys
// versions" the parts are held to the contract that not every service has. A test sends some
// thousand requests, a tenth with -short; -timeout bounds its time.
package conform

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
)

var own = flag.Bool("own", false, "the service is one's own, so it may be on another machine")

func TestConform(t *testing.T) {
	base := needed(t, "CONTACT_TARGET")
	if err := allowed(base, *own); err != nil {
		t.Fatal(err)
	}
	s := &service{
		contact: strings.TrimSuffix(base, "/") + "/v2/partner/contacts/" + needed(t, "CONTACT_ID"),
		token:   needed(t, "CONTACT_TOKEN"),
	}
	before, err := s.patch([]byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := s.put(before); err != nil {
			t.Errorf("the contact is not as it was: %v", err)
		}
	})
	has := strings.Fields(os.Getenv("CONTACT_HAS"))
	target := contacttest.Target{
		URL: base, Put: s.put, Authorize: s.authorize, SingleScopeToken: true,
	}
	for _, part := range has {
		switch part {
		case "get":
			target.Get = true
		case "keys":
			target.Keys = true
		case "versions":
			target.Versions = true
		default:
			t.Fatalf("CONTACT_HAS: %q is not one of get, keys and versions", part)
		}
	}
	contacttest.TestHandler(t, target)
}

func needed(t *testing.T, name string) string {
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("set %s: see the head of this file", name)
	}
	return value
}

// allowed refuses a service on another machine, which may be somebody else's.
func allowed(base string, own bool) error {
	u, err := url.Parse(base)
	if err != nil {
		return err
	}
	addr, err := netip.ParseAddr(u.Hostname())
	if u.Hostname() == "localhost" || err == nil && addr.IsLoopback() || own {
		return nil
	}
	return fmt.Errorf("%s is not on this machine: with -own you say that the service is yours", u.Hostname())
}

// A service is reached as its clients reach it.
type service struct{ contact, token string }

func (s *service) authorize(r *http.Request, _ ...string) {
	r.Header.Set("Authorization", "Bearer "+s.token)
}

// patch sends a patch and returns the contact.
func (s *service) patch(body []byte) (*contact.Contact, error) {
	r, err := http.NewRequest(http.MethodPatch, s.contact, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	s.authorize(r)
	client := &http.Client{Timeout: 10 * time.Second}
	response, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", response.Status, text)
	}
	return contact.ParseStored(text)
}

// put makes the contact what c is, but for its identity and its version, by a patch. What no patch
// can say, a null inside meta_public, cannot be stored in this way.
func (s *service) put(c *contact.Contact) (*contact.Contact, error) {
	current, err := s.patch([]byte(`{}`))
	if err != nil {
		return nil, err
	}
	wanted := *c
	wanted.ID, wanted.TeamID, wanted.InsertedAt = current.ID, current.TeamID, current.InsertedAt
	p, err := contact.Diff(current, &wanted)
	var unsaid contact.Errors
	if errors.As(err, &unsaid) {
		return nil, contacttest.ErrNotStored
	}
	if err != nil {
		return nil, err
	}
	return s.patch(p.AppendJSON(nil))
}
