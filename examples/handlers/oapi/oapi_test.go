package oapi

import (
	"encoding/json"
	"testing"

	"github.com/oapi-codegen/nullable"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacttest"
	"github.com/partner-contacts/contact/examples/handlers/internal/memory"
)

// TestContract: the generated routes leave everything to the library.
func TestContract(t *testing.T) {
	var store memory.Store
	server := &Server{Update: store.Handler()}
	contacttest.TestHandler(t, store.Target(server.Routes()))
}

// TestModels: a contact is the same after a way through the generated model, to the last digit, and a
// model of a patch says what is absent and what is null.
func TestModels(t *testing.T) {
	c, err := contact.ParseStored(contacttest.Sample())
	if err != nil {
		t.Fatal(err)
	}
	c.MetaPublic = `{"ledger":9007199254740993,"huge":1e400}`
	model, err := Model(c)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(model)
	if err != nil {
		t.Fatal(err)
	}
	back, err := contact.ParseStored(text)
	if err != nil {
		t.Fatal(err)
	}
	for change := range contact.Changes(c, back) {
		t.Errorf("%s changed", change.Pointer)
	}

	optedIn := false
	p, err := Patch(ContactPatch{
		City: nullable.NewNullableWithValue("Oslo"), PhoneHome: nullable.NewNullNullable[string](), SmsOptedIn: &optedIn,
	})
	if err != nil || string(p.AppendJSON(nil)) != `{"phone_home":null,"city":"Oslo","sms_opted_in":false}` {
		t.Errorf("%v %v", p, err)
	}
	if _, err = Patch(ContactPatch{Timezone: nullable.NewNullableWithValue("PST")}); err == nil {
		t.Error("a timezone that does not exist")
	}
}
