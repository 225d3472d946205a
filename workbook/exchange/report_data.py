"""Defines the JSON of one report (format 1) as pydantic models, for reading here and for use by other programs.

Counts are JSON integers; money is a string in the form's unit ("4166.214619"); blank is null; 不适用 is the string
"不适用". Any other words in place of a figure are strings too, so that nothing is lost: checking a report finds them.

`ReportData` fits every form: it checks types, and leaves rows, columns and their keys to the model that
`json_schema.build_report_model` makes of one form. Where a value has another type, the error's `type` is a key of
[type] in messages.toml, so that each error has its sentence in both languages.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    Strict,
    StrictStr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from workbook.model import identity
from workbook.model.form import LAST
from workbook.safety.messages import load_messages

messages = load_messages("workbook.exchange")

TOO_LARGE: Final = 10**400
"""No count is as large; Python refuses to print integers of some thousand digits."""


def _type_error(kind: str) -> PydanticCustomError:
    return PydanticCustomError(kind, f"Input should be {messages.get(f'type.{kind}').en}")


def report_as(kind: str) -> WrapValidator:
    """Make one error of this kind of whatever is wrong inside: a union has an error for each of its branches."""

    def validate(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:  # noqa: ANN401 -- whatever the JSON holds
        try:
            return handler(value)
        except ValidationError:
            raise _type_error(kind) from None

    return WrapValidator(validate)


def _check_figure(value: object) -> object:
    plain = value is None or (isinstance(value, int | float | Decimal | str) and not isinstance(value, bool))
    if not plain or (isinstance(value, int) and abs(value) >= TOO_LARGE):
        raise _type_error("figure")
    return value


def _check_answer(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:  # noqa: ANN401 -- whatever the JSON holds
    """Refuse an answer as a whole, but for a key too many or a wrong `figures`: these leave the answer as it is."""
    try:
        return handler(value)
    except ValidationError as error:
        if all(one["type"] == "extra_forbidden" or one["loc"] == ("figures",) for one in error.errors()):
            raise
        raise _type_error("answer") from None


def _check_words(text: str) -> str:
    if not text.strip():
        raise ValueError("blank")
    return text


def _check_code(code: str) -> str:
    if code.split() != [code]:
        raise ValueError("blank, or with a space")
    return code


def _describe_agency(schema: dict[str, Any]) -> None:
    """State in the schema what is asked about an agency: labels, help, levels; and what a complete file has."""
    kinds: dict[str, dict[str, Any]] = {
        "name": {"type": "string"},
        "level": {"enum": [*(level.code for level in identity.list_levels()), None]},
        "revision": {"type": "integer", "minimum": 0, "maximum": identity.MOST_REVISED},
    }
    schema["properties"] = {
        field.code: {"title": field.label, "description": field.help}
        | kinds.get(field.code, {"type": ["string", "null"]})
        for field in identity.list_identity_fields()
        if field.code in AgencyData.model_fields
    }
    schema["required"] = ["name", "code", "region", "level"]


Year = Annotated[Annotated[int, Strict(), Field(ge=1000, le=LAST)] | None, report_as("year")]
Revision = Annotated[Annotated[int, Strict(), Field(ge=0, le=identity.MOST_REVISED)] | None, report_as("revision")]
Figure = Annotated[
    int | float | Decimal | str | None,
    PlainValidator(_check_figure),
    WithJsonSchema({"type": ["integer", "string", "null"]}),
]


class AgencyData(BaseModel):
    """The agency a report is from; null or absent where unknown (see `workbook.model.identity.Identity`)."""

    model_config = ConfigDict(extra="forbid", title="机关", json_schema_extra=_describe_agency)

    name: StrictStr | None = None
    code: StrictStr | None = None
    region: StrictStr | None = None
    level: StrictStr | None = None
    contact: StrictStr | None = None
    revision: Revision = None


class AnswerData(BaseModel):
    """The reason given for a warning: its rule, the cells concerned, and a fingerprint of the figures answered for."""

    model_config = ConfigDict(extra="forbid")

    rule: StrictStr = Field(title="规则")
    cells: Annotated[list[Annotated[StrictStr, AfterValidator(_check_code)]], Strict()] = Field(title="所涉单元格")
    reason: Annotated[StrictStr, AfterValidator(_check_words)] = Field(title="情况说明")
    figures: Annotated[StrictStr | None, WithJsonSchema({"type": "string"})] = Field(None, title="所说明数据的指纹")


class ReportData(BaseModel):
    """One agency's report for one year.

    `texts` maps the code of a text (`overview`, `problems`, `other`) to the text; `tables` maps table, row and column
    to a figure: `tables["requests"]["denied.secret"]["person"]`. The codes are those of the form (`ogi forms`).
    """

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = Field(title="格式版本")
    form: StrictStr = Field(title="表式")
    year: Year = Field(None, title="报告年度")
    agency: AgencyData = AgencyData()
    texts: dict[str, StrictStr | None] = Field({}, title="文字部分")
    tables: dict[str, dict[str, dict[str, Figure]]] = Field({}, title="表格")
    answers: Annotated[list[Annotated[AnswerData, WrapValidator(_check_answer)]], Strict()] = Field(
        [], title="对提醒的情况说明"
    )
