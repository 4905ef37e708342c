"""How a contract is written in other languages: dbt, the Open Data Contract Standard, and Markdown for people."""
