"""Metadata objects as the Designer dumps them: the XML of one object, property by property in the order of a dump.

Not responsible for which objects an extension has (see `build.py`). Format 2.13, that of platform 8.3.20: later
platforms read it as well. Invariant: every uuid follows from the object's name, so that a later release keeps it; a register whose uuid
changed would be dropped with its data.
"""
from __future__ import annotations

import uuid

FORMAT = "2.13"
NAMESPACE = uuid.UUID("6f626d65-6e2d-5000-8c1e-3f1c6e5e0002")
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<MetaDataObject xmlns="http://v8.1c.ru/8.3/MDClasses" xmlns:app="http://v8.1c.ru/8.2/managed-application/core" '
    'xmlns:cfg="http://v8.1c.ru/8.1/data/enterprise/current-config" xmlns:cmi="http://v8.1c.ru/8.2/managed-application/cmi" '
    'xmlns:ent="http://v8.1c.ru/8.1/data/enterprise" xmlns:lf="http://v8.1c.ru/8.2/managed-application/logform" '
    'xmlns:style="http://v8.1c.ru/8.1/data/ui/style" xmlns:sys="http://v8.1c.ru/8.1/data/ui/fonts/system" '
    'xmlns:v8="http://v8.1c.ru/8.1/data/core" xmlns:v8ui="http://v8.1c.ru/8.1/data/ui" '
    'xmlns:web="http://v8.1c.ru/8.1/data/ui/colors/web" xmlns:win="http://v8.1c.ru/8.1/data/ui/colors/windows" '
    'xmlns:xen="http://v8.1c.ru/8.3/xcf/enums" xmlns:xpr="http://v8.1c.ru/8.3/xcf/predef" '
    'xmlns:xr="http://v8.1c.ru/8.3/xcf/readable" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="{FORMAT}">\n'
)
TAIL = "</MetaDataObject>\n"

# The generated types of each class, in the order of a dump.
GENERATED = {
    "Catalog": ("Object", "Ref", "Selection", "List", "Manager"),
    "ExchangePlan": ("Object", "Ref", "Selection", "List", "Manager"),
    "InformationRegister": ("Record", "Manager", "Selection", "List", "RecordSet", "RecordKey", "RecordManager"),
    "Constant": ("Manager", "ValueManager", "ValueKey"),
}
# The parts of a configuration that every extension names.
CLASS_IDS = (
    "9cd510cd-abfc-11d4-9434-004095e12fc7",
    "9fcd25a0-4822-11d4-9414-008048da11f9",
    "e3687481-0a87-462c-a166-9f34594f9bba",
    "9de14907-ec23-4a07-96f0-85521cb6b53b",
    "51f2d5d8-ea4d-4064-8892-82951750031e",
    "e68182ea-4237-4383-967f-90c1e3370bc7",
    "fb282519-d103-4dd3-bc12-cb271d631dfc",
)


def stable(name: str) -> str:
    """The uuid of something of this name, the same in every build and for ever."""
    return str(uuid.uuid5(NAMESPACE, name))


def file(element: str) -> str:
    """A file with one object."""
    return HEAD + indented(element, 1) + TAIL


def indented(text: str, depth: int) -> str:
    return "".join("\t" * depth + line + "\n" for line in text.strip("\n").split("\n"))


def element(name: str, attributes: str, *parts: str) -> str:
    body = "".join(indented(part, 1) for part in parts if part)
    opening = f"{name} {attributes}".strip()
    return f"<{opening}>\n{body}</{name}>" if body else f"<{opening}/>"


def properties(**values: str | bool | int | None) -> str:
    """Properties in the order given. `None` is an empty one; a value that begins with `<` is XML."""
    return element("Properties", "", *(property_of(name, value) for name, value in values.items()))


def property_of(name: str, value: str | bool | int | None) -> str:
    if value is None or value == "":
        return f"<{name}/>"
    if value == NIL:
        return f'<{name} xsi:nil="true"/>'
    if isinstance(value, bool):
        value = "true" if value else "false"
    text = str(value)
    return element(name, "", text) if text.startswith("<") else f"<{name}>{text}</{name}>"


NIL = "\0nil"


def russian(text: str) -> str:
    return element("v8:item", "", "<v8:lang>ru</v8:lang>", f"<v8:content>{text}</v8:content>")


def internal(kind: str, name: str) -> str:
    """The types that the platform makes for an object."""
    own_node = f"<xr:ThisNode>{stable(f'{kind}.{name}.ThisNode')}</xr:ThisNode>" if kind == "ExchangePlan" else ""
    types = [
        element(
            "xr:GeneratedType",
            f'name="{kind}{category}.{name}" category="{category}"',
            f"<xr:TypeId>{stable(f'{kind}.{name}.{category}.TypeId')}</xr:TypeId>",
            f"<xr:ValueId>{stable(f'{kind}.{name}.{category}.ValueId')}</xr:ValueId>",
        )
        for category in GENERATED[kind]
    ]
    return element("InternalInfo", "", own_node, *types)


def string_type(length: int) -> str:
    length_of = f"<v8:Length>{length}</v8:Length>"
    qualifiers = element("v8:StringQualifiers", "", length_of, "<v8:AllowedLength>Variable</v8:AllowedLength>")
    return f"<v8:Type>xs:string</v8:Type>\n{qualifiers}"


def number_type(digits: int) -> str:
    parts = (f"<v8:Digits>{digits}</v8:Digits>", "<v8:FractionDigits>0</v8:FractionDigits>")
    qualifiers = element("v8:NumberQualifiers", "", *parts, "<v8:AllowedSign>Nonnegative</v8:AllowedSign>")
    return f"<v8:Type>xs:decimal</v8:Type>\n{qualifiers}"


DATE_TYPE = (
    "<v8:Type>xs:dateTime</v8:Type>\n"
    + element("v8:DateQualifiers", "", "<v8:DateFractions>DateTime</v8:DateFractions>")
)
BOOLEAN_TYPE = "<v8:Type>xs:boolean</v8:Type>"


def language(extended: str) -> str:
    return element(
        "Language",
        f'uuid="{stable("Language.Русский")}"',
        "<InternalInfo/>",
        properties(
            ObjectBelonging="Adopted",
            Name="Русский",
            Comment=None,
            ExtendedConfigurationObject=extended,
            LanguageCode="ru",
        ),
    )


def adopted(kind: str, name: str, extended: str) -> str:
    """An object of the configuration, only as the source of subscriptions."""
    more = {}
    if kind == "InformationRegister":
        more = {"InformationRegisterPeriodicity": "Second", "WriteMode": "Independent"}
    return element(
        kind,
        f'uuid="{stable(f"{kind}.{name}")}"',
        internal(kind, name),
        properties(
            ObjectBelonging="Adopted", Name=name, Comment=None, ExtendedConfigurationObject=extended, **more
        ),
        "<ChildObjects/>",
    )


def common_module(name: str, title: str, reuse: bool) -> str:
    return element(
        "CommonModule",
        f'uuid="{stable(f"CommonModule.{name}")}"',
        properties(
            Name=name,
            Synonym=russian(title),
            Comment=None,
            Global=False,
            ClientManagedApplication=False,
            Server=True,
            # Subscriptions fire in external connections too, and need their handler there.
            ExternalConnection=True,
            ClientOrdinaryApplication=False,
            ServerCall=False,
            Privileged=False,
            ReturnValuesReuse="DuringRequest" if reuse else "DontUse",
        ),
    )


def event_subscription(name: str, title: str, sources: list[str], event: str, handler: str) -> str:
    return element(
        "EventSubscription",
        f'uuid="{stable(f"EventSubscription.{name}")}"',
        properties(
            Name=name,
            Synonym=russian(title),
            Comment=None,
            Source="\n".join(f"<v8:Type>cfg:{source}</v8:Type>" for source in sources),
            Event=event,
            Handler=f"CommonModule.{handler}",
        ),
    )


def scheduled_job(name: str, title: str, method: str) -> str:
    return element(
        "ScheduledJob",
        f'uuid="{stable(f"ScheduledJob.{name}")}"',
        properties(
            Name=name,
            Synonym=russian(title),
            Comment=None,
            MethodName=f"CommonModule.{method}",
            Description=title,
            Key=None,
            Use=False,
            Predefined=True,
            RestartCountOnFailure=0,
            RestartIntervalOnFailure=60,
        ),
    )


def schedule(seconds: int) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<JobSchedule xmlns="http://v8.1c.ru/8.3/xcf/extrnprops" xmlns:ent="http://v8.1c.ru/8.1/data/enterprise" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'version="{FORMAT}">\n'
        '\t<Schedule BeginDate="0001-01-01" EndDate="0001-01-01" BeginTime="00:00:00" EndTime="00:00:00" '
        'CompletionTime="00:00:00" CompletionInterval="0" '
        f'RepeatPeriodInDay="{seconds}" RepeatPause="0" WeekDayInMonth="0" DayInMonth="0" WeeksPeriod="1" DaysRepeatPeriod="1">\n'
        "\t\t<ent:WeekDays>1 2 3 4 5 6 7</ent:WeekDays>\n"
        "\t\t<ent:Months>1 2 3 4 5 6 7 8 9 10 11 12</ent:Months>\n"
        "\t</Schedule>\n"
        "</JobSchedule>\n"
    )


def http_service(name: str, title: str, root: str, templates: list[tuple[str, str, str]]) -> str:
    """Templates are name, address and method; the handler is called by name and method, as the Designer proposes."""
    children = []
    for template, address, method in templates:
        place = f"HTTPService.{name}.{template}"
        one = element(
            "Method",
            f'uuid="{stable(f"{place}.{method}")}"',
            properties(Name=method, Synonym=None, Comment=None, HTTPMethod=method, Handler=template + method),
        )
        children.append(
            element(
                "URLTemplate",
                f'uuid="{stable(place)}"',
                properties(Name=template, Synonym=None, Comment=None, Template=address),
                element("ChildObjects", "", one),
            )
        )
    return element(
        "HTTPService",
        f'uuid="{stable(f"HTTPService.{name}")}"',
        properties(
            Name=name, Synonym=russian(title), Comment=None, RootURL=root, ReuseSessions="AutoUse", SessionMaxAge=20
        ),
        element("ChildObjects", "", *children),
    )


def constant(name: str, title: str, type_of: str, secret: bool) -> str:
    return element(
        "Constant",
        f'uuid="{stable(f"Constant.{name}")}"',
        internal("Constant", name),
        properties(
            Name=name,
            Synonym=russian(title),
            Comment=None,
            Type=type_of,
            UseStandardCommands=True,
            DefaultForm=None,
            ExtendedPresentation=None,
            Explanation=None,
            PasswordMode=secret,
            Format=None,
            EditFormat=None,
            ToolTip=None,
            MarkNegatives=False,
            Mask=None,
            MultiLine=False,
            ExtendedEdit=False,
            MinValue=NIL,
            MaxValue=NIL,
            FillChecking="DontCheck",
            ChoiceFoldersAndItems="Items",
            ChoiceParameterLinks=None,
            ChoiceParameters=None,
            QuickChoice="Auto",
            ChoiceForm=None,
            LinkByType=None,
            ChoiceHistoryOnInput="Auto",
            DataLockControlMode="Managed",
            DataHistory="DontUse",
            UpdateDataHistoryImmediatelyAfterWrite=False,
            ExecuteAfterWriteDataHistoryVersionProcessing=False,
        ),
    )


def field(kind: str, register: str, name: str, title: str, type_of: str, indexed: bool) -> str:
    """A dimension or a resource."""
    of_dimension = {"Master": False, "MainFilter": True, "DenyIncompleteValues": True} if kind == "Dimension" else {}
    return element(
        kind,
        f'uuid="{stable(f"InformationRegister.{register}.{kind}.{name}")}"',
        properties(
            Name=name,
            Synonym=russian(title),
            Comment=None,
            Type=type_of,
            PasswordMode=False,
            Format=None,
            EditFormat=None,
            ToolTip=None,
            MarkNegatives=False,
            Mask=None,
            MultiLine=False,
            ExtendedEdit=False,
            MinValue=NIL,
            MaxValue=NIL,
            FillFromFillingValue=False,
            FillValue=NIL,
            FillChecking="DontCheck",
            ChoiceFoldersAndItems="Items",
            ChoiceParameterLinks=None,
            ChoiceParameters=None,
            QuickChoice="Auto",
            CreateOnInput="Auto",
            ChoiceForm=None,
            LinkByType=None,
            ChoiceHistoryOnInput="Auto",
            **of_dimension,
            Indexing="Index" if indexed else "DontIndex",
            FullTextSearch="DontUse",
            DataHistory="Use",
        ),
    )


def standard_attributes(names: tuple[str, ...]) -> str:
    def one(name: str) -> str:
        parts = {
            "LinkByType": None,
            "FillChecking": "DontCheck",
            "MultiLine": False,
            "FillFromFillingValue": False,
            "CreateOnInput": "Auto",
            "MaxValue": NIL,
            "ToolTip": None,
            "ExtendedEdit": False,
            "Format": None,
            "ChoiceForm": None,
            "QuickChoice": "Auto",
            "ChoiceHistoryOnInput": "Auto",
            "EditFormat": None,
            "PasswordMode": False,
            "DataHistory": "Use",
            "MarkNegatives": False,
            "MinValue": NIL,
            "Synonym": None,
            "Comment": None,
            "FullTextSearch": "Use",
            "ChoiceParameterLinks": None,
            "FillValue": NIL,
            "Mask": None,
            "ChoiceParameters": None,
        }
        lines = [property_of(f"xr:{part}", value) for part, value in parts.items()]
        return element("xr:StandardAttribute", f'name="{name}"', *lines)

    return "\n".join(one(name) for name in names)


def information_register(name: str, title: str, fields: list[str]) -> str:
    """An independent register without periods."""
    return element(
        "InformationRegister",
        f'uuid="{stable(f"InformationRegister.{name}")}"',
        internal("InformationRegister", name),
        properties(
            Name=name,
            Synonym=russian(title),
            Comment=None,
            UseStandardCommands=True,
            EditType="InDialog",
            DefaultRecordForm=None,
            DefaultListForm=None,
            AuxiliaryRecordForm=None,
            AuxiliaryListForm=None,
            StandardAttributes=standard_attributes(("Active", "LineNumber", "Recorder", "Period")),
            InformationRegisterPeriodicity="Nonperiodical",
            WriteMode="Independent",
            MainFilterOnPeriod=False,
            IncludeHelpInContents=False,
            DataLockControlMode="Managed",
            FullTextSearch="DontUse",
            EnableTotalsSliceFirst=False,
            EnableTotalsSliceLast=False,
            RecordPresentation=None,
            ExtendedRecordPresentation=None,
            ListPresentation=None,
            ExtendedListPresentation=None,
            Explanation=None,
            DataHistory="DontUse",
            UpdateDataHistoryImmediatelyAfterWrite=False,
            ExecuteAfterWriteDataHistoryVersionProcessing=False,
        ),
        element("ChildObjects", "", *fields),
    )


def exchange_plan(name: str, title: str) -> str:
    place = f"ExchangePlan.{name}.StandardAttribute"
    attributes = ("ExchangeDate", "ThisNode", "ReceivedNo", "SentNo", "Ref", "DeletionMark", "Description", "Code")
    return element(
        "ExchangePlan",
        f'uuid="{stable(f"ExchangePlan.{name}")}"',
        internal("ExchangePlan", name),
        properties(
            Name=name,
            Synonym=russian(title),
            Comment=None,
            UseStandardCommands=True,
            CodeLength=36,
            CodeAllowedLength="Variable",
            DescriptionLength=100,
            DefaultPresentation="AsDescription",
            EditType="InDialog",
            QuickChoice=False,
            ChoiceMode="BothWays",
            InputByString=f"<xr:Field>{place}.Description</xr:Field>\n<xr:Field>{place}.Code</xr:Field>",
            SearchStringModeOnInputByString="Begin",
            FullTextSearchOnInputByString="DontUse",
            ChoiceDataGetModeOnInputByString="Directly",
            DefaultObjectForm=None,
            DefaultListForm=None,
            DefaultChoiceForm=None,
            AuxiliaryObjectForm=None,
            AuxiliaryListForm=None,
            AuxiliaryChoiceForm=None,
            StandardAttributes=standard_attributes(attributes),
            Characteristics=None,
            BasedOn=None,
            DistributedInfoBase=False,
            IncludeConfigurationExtensions=False,
            CreateOnInput="DontUse",
            ChoiceHistoryOnInput="Auto",
            IncludeHelpInContents=False,
            DataLockFields=None,
            DataLockControlMode="Managed",
            FullTextSearch="DontUse",
            ObjectPresentation=None,
            ExtendedObjectPresentation=None,
            ListPresentation=None,
            ExtendedListPresentation=None,
            Explanation=None,
            DataHistory="DontUse",
            UpdateDataHistoryImmediatelyAfterWrite=False,
            ExecuteAfterWriteDataHistoryVersionProcessing=False,
        ),
        "<ChildObjects/>",
    )


def exchange_content(names: list[str]) -> str:
    items = [
        element("Item", "", f"<Metadata>{name}</Metadata>", "<AutoRecord>Allow</AutoRecord>") for name in names
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ExchangePlanContent xmlns="http://v8.1c.ru/8.3/xcf/extrnprops" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="{FORMAT}">\n'
        + "".join(indented(item, 1) for item in items)
        + "</ExchangePlanContent>\n"
    )


def role(name: str, title: str) -> str:
    return element(
        "Role",
        f'uuid="{stable(f"Role.{name}")}"',
        properties(Name=name, Synonym=russian(title), Comment=None),
    )


def rights(granted: dict[str, tuple[str, ...]]) -> str:
    def one(name: str, names: tuple[str, ...]) -> str:
        of_object = [element("right", "", f"<name>{right}</name>", "<value>true</value>") for right in names]
        return element("object", "", f"<name>{name}</name>", *of_object)

    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Rights xmlns="http://v8.1c.ru/8.2/roles" xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Rights" version="{FORMAT}">\n'
        "\t<setForNewObjects>false</setForNewObjects>\n"
        "\t<setForAttributesByDefault>true</setForAttributesByDefault>\n"
        "\t<independentRightsOfChildObjects>false</independentRightsOfChildObjects>\n"
        + "".join(indented(one(name, names), 1) for name, names in granted.items())
        + "</Rights>\n"
    )


def configuration(name: str, title: str, prefix: str, version: str, default_role: str, children: list[tuple[str, str]]) -> str:
    contained = [
        element(
            "xr:ContainedObject",
            "",
            f"<xr:ClassId>{class_id}</xr:ClassId>",
            f"<xr:ObjectId>{stable(f'Configuration.{class_id}')}</xr:ObjectId>",
        )
        for class_id in CLASS_IDS
    ]
    return element(
        "Configuration",
        f'uuid="{stable("Configuration")}"',
        element("InternalInfo", "", *contained),
        properties(
            ObjectBelonging="Adopted",
            Name=name,
            Synonym=russian(title),
            Comment=None,
            ConfigurationExtensionPurpose="AddOn",
            KeepMappingToExtendedConfigurationObjectsByIDs=False,
            NamePrefix=prefix,
            ConfigurationExtensionCompatibilityMode="Version8_3_20",
            DefaultRunMode="ManagedApplication",
            UsePurposes='<v8:Value xsi:type="app:ApplicationUsePurpose">PlatformApplication</v8:Value>',
            ScriptVariant="Russian",
            DefaultRoles=f'<xr:Item xsi:type="xr:MDObjectRef">Role.{default_role}</xr:Item>',
            Vendor="obmen",
            Version=version,
            DefaultLanguage="Language.Русский",
            BriefInformation=None,
            DetailedInformation=None,
            Copyright=None,
            VendorInformationAddress=None,
            ConfigurationInformationAddress=None,
            InterfaceCompatibilityMode="TaxiEnableVersion8_2",
        ),
        element("ChildObjects", "", *(f"<{kind}>{child}</{kind}>" for kind, child in children)),
    )
