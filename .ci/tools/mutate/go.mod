module github.com/partner-contacts/contact/tools/mutate

go 1.25
